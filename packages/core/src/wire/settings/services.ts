import {
  absentIsEmpty,
  anyOf,
  boolean,
  dict,
  duration,
  float,
  integer,
  model,
  nullable,
  setOf,
  text,
  withOptions,
} from '../schema.ts'
import type { Static } from '../schema.ts'

export const ServerServicesCancellationCleanupSettings = model('ServerServicesCancellationCleanupSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED',
      'PREFECT_API_SERVICES_CANCELLATION_CLEANUP_ENABLED',
    ],
    default: true,
  }),
  loop_seconds: float({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS',
      'PREFECT_API_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS',
    ],
    default: 20,
  }),
  cancelling_timeout_seconds: float({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS'],
    default: 300,
  }),
})
export type ServerServicesCancellationCleanupSettings = Static<typeof ServerServicesCancellationCleanupSettings>

export const ServerServicesCleanupReconcilerSettings = model('ServerServicesCleanupReconcilerSettings', {
  enabled: boolean({
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED'],
    default: true,
  }),
  loop_seconds: float({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS'],
    default: 5,
  }),
  batch_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_BATCH_SIZE'],
    default: 100,
  }),
})
export type ServerServicesCleanupReconcilerSettings = Static<typeof ServerServicesCleanupReconcilerSettings>

export const ServerServicesDBVacuumSettings = model('ServerServicesDBVacuumSettings', {
  enabled: nullable(anyOf([setOf(text()), boolean()]), {
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED'],
    default: ['events'],
  }),
  loop_seconds: float({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS'],
    default: 3600,
  }),
  orphan_cleanup_loop_seconds: float({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_DB_VACUUM_ORPHAN_CLEANUP_LOOP_SECONDS'],
    default: 86400,
  }),
  retention_period: duration({
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD'],
    default: 'P90D',
  }),
  batch_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_DB_VACUUM_BATCH_SIZE'],
    default: 200,
  }),
  event_retention_overrides: dict(duration(), {
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES'],
    default: { 'prefect.flow-run.heartbeat': 'P7D' },
  }),
})
export type ServerServicesDBVacuumSettings = Static<typeof ServerServicesDBVacuumSettings>

export const ServerServicesEventLoggerSettings = model('ServerServicesEventLoggerSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_EVENT_LOGGER_ENABLED',
      'PREFECT_API_SERVICES_EVENT_LOGGER_ENABLED',
    ],
    default: false,
  }),
})
export type ServerServicesEventLoggerSettings = Static<typeof ServerServicesEventLoggerSettings>

export const ServerServicesEventPersisterSettings = model('ServerServicesEventPersisterSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED',
      'PREFECT_API_SERVICES_EVENT_PERSISTER_ENABLED',
    ],
    default: true,
  }),
  batch_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE',
      'PREFECT_API_SERVICES_EVENT_PERSISTER_BATCH_SIZE',
    ],
    default: 20,
  }),
  read_batch_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE',
      'PREFECT_API_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE',
    ],
    default: 1,
  }),
  flush_interval: float({
    exclusiveMinimum: 0,
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL',
      'PREFECT_API_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL',
    ],
    default: 5,
  }),
  queue_max_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_EVENT_PERSISTER_QUEUE_MAX_SIZE'],
    default: 50000,
  }),
  max_flush_retries: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_EVENT_PERSISTER_MAX_FLUSH_RETRIES'],
    default: 5,
  }),
})
export type ServerServicesEventPersisterSettings = Static<typeof ServerServicesEventPersisterSettings>

export const ServerServicesForemanSettings = model('ServerServicesForemanSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_FOREMAN_ENABLED',
      'PREFECT_API_SERVICES_FOREMAN_ENABLED',
    ],
    default: true,
  }),
  loop_seconds: float({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS',
      'PREFECT_API_SERVICES_FOREMAN_LOOP_SECONDS',
    ],
    default: 15,
  }),
  inactivity_heartbeat_multiple: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE',
      'PREFECT_API_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE',
    ],
    default: 3,
  }),
  fallback_heartbeat_interval_seconds: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS',
      'PREFECT_API_SERVICES_FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS',
    ],
    default: 30,
  }),
  deployment_last_polled_timeout_seconds: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS',
      'PREFECT_API_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS',
    ],
    default: 60,
  }),
  work_queue_last_polled_timeout_seconds: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS',
      'PREFECT_API_SERVICES_FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS',
    ],
    default: 60,
  }),
})
export type ServerServicesForemanSettings = Static<typeof ServerServicesForemanSettings>

export const ServerServicesLateRunsSettings = model('ServerServicesLateRunsSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED',
      'PREFECT_API_SERVICES_LATE_RUNS_ENABLED',
    ],
    default: true,
  }),
  loop_seconds: float({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS',
      'PREFECT_API_SERVICES_LATE_RUNS_LOOP_SECONDS',
    ],
    default: 5,
  }),
  after_seconds: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS',
      'PREFECT_API_SERVICES_LATE_RUNS_AFTER_SECONDS',
    ],
    default: 'PT15S',
  }),
})
export type ServerServicesLateRunsSettings = Static<typeof ServerServicesLateRunsSettings>

export const ServerServicesPauseExpirationsSettings = model('ServerServicesPauseExpirationsSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED',
      'PREFECT_API_SERVICES_PAUSE_EXPIRATIONS_ENABLED',
    ],
    default: true,
  }),
  loop_seconds: float({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS',
      'PREFECT_API_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS',
    ],
    default: 5,
  }),
})
export type ServerServicesPauseExpirationsSettings = Static<typeof ServerServicesPauseExpirationsSettings>

export const ServerServicesRepossessorSettings = model('ServerServicesRepossessorSettings', {
  enabled: boolean({ supported_environment_variables: ['PREFECT_SERVER_SERVICES_REPOSSESSOR_ENABLED'], default: true }),
  loop_seconds: float({
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS'],
    default: 15,
  }),
})
export type ServerServicesRepossessorSettings = Static<typeof ServerServicesRepossessorSettings>

export const ServerServicesSchedulerSettings = model('ServerServicesSchedulerSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED',
      'PREFECT_API_SERVICES_SCHEDULER_ENABLED',
    ],
    default: true,
  }),
  loop_seconds: float({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS',
      'PREFECT_API_SERVICES_SCHEDULER_LOOP_SECONDS',
    ],
    default: 60,
  }),
  deployment_batch_size: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE',
      'PREFECT_API_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE',
    ],
    default: 100,
  }),
  max_runs: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS',
      'PREFECT_API_SERVICES_SCHEDULER_MAX_RUNS',
    ],
    default: 100,
  }),
  min_runs: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS',
      'PREFECT_API_SERVICES_SCHEDULER_MIN_RUNS',
    ],
    default: 3,
  }),
  max_scheduled_time: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME',
      'PREFECT_API_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME',
    ],
    default: 'P100D',
  }),
  min_scheduled_time: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME',
      'PREFECT_API_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME',
    ],
    default: 'PT1H',
  }),
  insert_batch_size: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE',
      'PREFECT_API_SERVICES_SCHEDULER_INSERT_BATCH_SIZE',
    ],
    default: 500,
  }),
  recent_deployments_loop_seconds: float({
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS'],
    default: 5,
  }),
})
export type ServerServicesSchedulerSettings = Static<typeof ServerServicesSchedulerSettings>

export const ServerServicesTaskRunRecorderSettings = model('ServerServicesTaskRunRecorderSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED',
      'PREFECT_API_SERVICES_TASK_RUN_RECORDER_ENABLED',
    ],
    default: true,
  }),
  read_batch_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE'],
    default: 1,
  }),
  batch_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE'],
    default: 1,
  }),
  flush_interval: float({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL'],
    default: 5,
  }),
})
export type ServerServicesTaskRunRecorderSettings = Static<typeof ServerServicesTaskRunRecorderSettings>

export const ServerServicesTriggersSettings = model('ServerServicesTriggersSettings', {
  enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED',
      'PREFECT_API_SERVICES_TRIGGERS_ENABLED',
    ],
    default: true,
  }),
  read_batch_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE'],
    default: 1,
  }),
  pg_notify_reconnect_interval_seconds: integer({
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_TRIGGERS_PG_NOTIFY_RECONNECT_INTERVAL_SECONDS'],
    default: 10,
  }),
  pg_notify_heartbeat_interval_seconds: integer({
    supported_environment_variables: ['PREFECT_SERVER_SERVICES_TRIGGERS_PG_NOTIFY_HEARTBEAT_INTERVAL_SECONDS'],
    default: 5,
  }),
})
export type ServerServicesTriggersSettings = Static<typeof ServerServicesTriggersSettings>

export const ServerServicesSettings = model('ServerServicesSettings', {
  cancellation_cleanup: absentIsEmpty(
    withOptions(ServerServicesCancellationCleanupSettings, { supported_environment_variables: [] }),
  ),
  db_vacuum: absentIsEmpty(withOptions(ServerServicesDBVacuumSettings, { supported_environment_variables: [] })),
  event_persister: absentIsEmpty(
    withOptions(ServerServicesEventPersisterSettings, { supported_environment_variables: [] }),
  ),
  event_logger: absentIsEmpty(withOptions(ServerServicesEventLoggerSettings, { supported_environment_variables: [] })),
  foreman: absentIsEmpty(withOptions(ServerServicesForemanSettings, { supported_environment_variables: [] })),
  late_runs: absentIsEmpty(withOptions(ServerServicesLateRunsSettings, { supported_environment_variables: [] })),
  scheduler: absentIsEmpty(withOptions(ServerServicesSchedulerSettings, { supported_environment_variables: [] })),
  pause_expirations: absentIsEmpty(
    withOptions(ServerServicesPauseExpirationsSettings, { supported_environment_variables: [] }),
  ),
  repossessor: absentIsEmpty(withOptions(ServerServicesRepossessorSettings, { supported_environment_variables: [] })),
  cleanup_reconciler: absentIsEmpty(
    withOptions(ServerServicesCleanupReconcilerSettings, { supported_environment_variables: [] }),
  ),
  task_run_recorder: absentIsEmpty(
    withOptions(ServerServicesTaskRunRecorderSettings, { supported_environment_variables: [] }),
  ),
  triggers: absentIsEmpty(withOptions(ServerServicesTriggersSettings, { supported_environment_variables: [] })),
})
export type ServerServicesSettings = Static<typeof ServerServicesSettings>
