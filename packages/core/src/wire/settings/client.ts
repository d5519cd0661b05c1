import {
  absentIsEmpty,
  any,
  anyOf,
  boolean,
  dict,
  emptyList,
  emptyObject,
  float,
  integer,
  list,
  literal,
  mayBeAbsent,
  model,
  nullable,
  optional,
  setOf,
  text,
  withOptions,
} from '../schema.ts'
import type { Static } from '../schema.ts'

export const APISettings = model('APISettings', {
  url: optional(text(), { supported_environment_variables: ['PREFECT_API_URL'] }),
  auth_string: optional(text({ format: 'password', writeOnly: true }), {
    supported_environment_variables: ['PREFECT_API_AUTH_STRING'],
  }),
  key: optional(text({ format: 'password', writeOnly: true }), {
    supported_environment_variables: ['PREFECT_API_KEY'],
  }),
  tls_insecure_skip_verify: boolean({
    supported_environment_variables: ['PREFECT_API_TLS_INSECURE_SKIP_VERIFY'],
    default: false,
  }),
  ssl_cert_file: nullable(text(), {
    supported_environment_variables: ['PREFECT_API_SSL_CERT_FILE'],
    default: '/etc/ssl/certs/ca-certificates.crt',
  }),
  enable_http2: boolean({ supported_environment_variables: ['PREFECT_API_ENABLE_HTTP2'], default: false }),
  request_timeout: float({ supported_environment_variables: ['PREFECT_API_REQUEST_TIMEOUT'], default: 60 }),
})
export type APISettings = Static<typeof APISettings>

export const CLISettings = model('CLISettings', {
  colors: boolean({ supported_environment_variables: ['PREFECT_CLI_COLORS'], default: true }),
  prompt: optional(boolean(), { supported_environment_variables: ['PREFECT_CLI_PROMPT'] }),
  wrap_lines: boolean({ supported_environment_variables: ['PREFECT_CLI_WRAP_LINES'], default: true }),
})
export type CLISettings = Static<typeof CLISettings>

export const ClientMetricsSettings = model('ClientMetricsSettings', {
  enabled: boolean({
    supported_environment_variables: ['PREFECT_CLIENT_METRICS_ENABLED', 'PREFECT_CLIENT_ENABLE_METRICS'],
    default: false,
  }),
  port: integer({ supported_environment_variables: ['PREFECT_CLIENT_METRICS_PORT'], default: 4201 }),
})
export type ClientMetricsSettings = Static<typeof ClientMetricsSettings>

export const ClientSettings = model('ClientSettings', {
  max_retries: integer({ minimum: 0, supported_environment_variables: ['PREFECT_CLIENT_MAX_RETRIES'], default: 5 }),
  retry_jitter_factor: float({
    minimum: 0,
    supported_environment_variables: ['PREFECT_CLIENT_RETRY_JITTER_FACTOR'],
    default: 0.2,
  }),
  retry_extra_codes: nullable(
    anyOf([text(), integer({ maximum: 599, minimum: 100 }), setOf(integer({ maximum: 599, minimum: 100 }))]),
    { supported_environment_variables: ['PREFECT_CLIENT_RETRY_EXTRA_CODES'], makeDefault: emptyList },
  ),
  csrf_support_enabled: boolean({
    supported_environment_variables: ['PREFECT_CLIENT_CSRF_SUPPORT_ENABLED'],
    default: true,
  }),
  custom_headers: dict(text(), {
    supported_environment_variables: ['PREFECT_CLIENT_CUSTOM_HEADERS'],
    makeDefault: emptyObject,
  }),
  server_version_check_enabled: boolean({
    supported_environment_variables: ['PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED'],
    default: true,
  }),
  metrics: absentIsEmpty(withOptions(ClientMetricsSettings, { supported_environment_variables: [] })),
})
export type ClientSettings = Static<typeof ClientSettings>

export const CloudSettings = model('CloudSettings', {
  api_url: text({
    supported_environment_variables: ['PREFECT_CLOUD_API_URL'],
    default: 'https://api.prefect.cloud/api',
  }),
  enable_orchestration_telemetry: boolean({
    supported_environment_variables: ['PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY'],
    default: true,
  }),
  max_log_size: integer({ supported_environment_variables: ['PREFECT_CLOUD_MAX_LOG_SIZE'], default: 25000 }),
  ui_url: optional(text(), { supported_environment_variables: ['PREFECT_CLOUD_UI_URL'] }),
})
export type CloudSettings = Static<typeof CloudSettings>

export const DeploymentsSettings = model('DeploymentsSettings', {
  default_work_pool_name: optional(text(), {
    supported_environment_variables: ['PREFECT_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME', 'PREFECT_DEFAULT_WORK_POOL_NAME'],
  }),
  default_docker_build_namespace: optional(text(), {
    supported_environment_variables: [
      'PREFECT_DEPLOYMENTS_DEFAULT_DOCKER_BUILD_NAMESPACE',
      'PREFECT_DEFAULT_DOCKER_BUILD_NAMESPACE',
    ],
  }),
})
export type DeploymentsSettings = Static<typeof DeploymentsSettings>

export const EventsSettings = model('EventsSettings', {
  worker_max_queue_size: integer({
    minimum: 0,
    supported_environment_variables: ['PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE'],
    default: 0,
  }),
})
export type EventsSettings = Static<typeof EventsSettings>

export const ExperimentsSettings = model('ExperimentsSettings', {
  warn: boolean({
    supported_environment_variables: ['PREFECT_EXPERIMENTS_WARN', 'PREFECT_EXPERIMENTAL_WARN'],
    default: true,
  }),
})
export type ExperimentsSettings = Static<typeof ExperimentsSettings>

export const FlowsSettings = model('FlowsSettings', {
  heartbeat_frequency: nullable(integer({ minimum: 30 }), {
    supported_environment_variables: ['PREFECT_FLOWS_HEARTBEAT_FREQUENCY', 'PREFECT_RUNNER_HEARTBEAT_FREQUENCY'],
    default: 180,
  }),
  default_retries: integer({
    minimum: 0,
    supported_environment_variables: ['PREFECT_FLOWS_DEFAULT_RETRIES', 'PREFECT_FLOW_DEFAULT_RETRIES'],
    default: 0,
  }),
  default_retry_delay_seconds: anyOf([integer(), float(), list(float())], {
    supported_environment_variables: [
      'PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS',
      'PREFECT_FLOW_DEFAULT_RETRY_DELAY_SECONDS',
    ],
    default: 0,
  }),
})
export type FlowsSettings = Static<typeof FlowsSettings>

export const InternalSettings = model('InternalSettings', {
  logging_level: literal(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'], {
    supported_environment_variables: ['PREFECT_INTERNAL_LOGGING_LEVEL', 'PREFECT_LOGGING_INTERNAL_LEVEL'],
    default: 'ERROR',
  }),
})
export type InternalSettings = Static<typeof InternalSettings>

export const LoggingToAPISettings = model('LoggingToAPISettings', {
  enabled: boolean({ supported_environment_variables: ['PREFECT_LOGGING_TO_API_ENABLED'], default: true }),
  batch_interval: float({ supported_environment_variables: ['PREFECT_LOGGING_TO_API_BATCH_INTERVAL'], default: 2 }),
  batch_size: integer({ supported_environment_variables: ['PREFECT_LOGGING_TO_API_BATCH_SIZE'], default: 4000000 }),
  max_log_size: integer({ supported_environment_variables: ['PREFECT_LOGGING_TO_API_MAX_LOG_SIZE'], default: 1000000 }),
  when_missing_flow: literal(['warn', 'error', 'ignore'], {
    supported_environment_variables: ['PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW'],
    default: 'warn',
  }),
})
export type LoggingToAPISettings = Static<typeof LoggingToAPISettings>

export const LoggingSettings = model('LoggingSettings', {
  level: literal(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'], {
    supported_environment_variables: ['PREFECT_LOGGING_LEVEL'],
    default: 'INFO',
  }),
  config_path: mayBeAbsent(
    text({
      format: 'path',
      supported_environment_variables: ['PREFECT_LOGGING_CONFIG_PATH', 'PREFECT_LOGGING_SETTINGS_PATH'],
    }),
  ),
  extra_loggers: optional(anyOf([text(), list(text())]), {
    supported_environment_variables: ['PREFECT_LOGGING_EXTRA_LOGGERS'],
  }),
  log_prints: boolean({ supported_environment_variables: ['PREFECT_LOGGING_LOG_PRINTS'], default: false }),
  colors: boolean({ supported_environment_variables: ['PREFECT_LOGGING_COLORS'], default: true }),
  markup: boolean({ supported_environment_variables: ['PREFECT_LOGGING_MARKUP'], default: false }),
  to_api: absentIsEmpty(withOptions(LoggingToAPISettings, { supported_environment_variables: [] })),
})
export type LoggingSettings = Static<typeof LoggingSettings>

export const PluginsSettings = model('PluginsSettings', {
  enabled: boolean({
    supported_environment_variables: ['PREFECT_PLUGINS_ENABLED', 'PREFECT_EXPERIMENTS_PLUGINS_ENABLED'],
    default: false,
  }),
  allow: optional(setOf(text()), {
    supported_environment_variables: ['PREFECT_PLUGINS_ALLOW', 'PREFECT_EXPERIMENTS_PLUGINS_ALLOW'],
  }),
  deny: optional(setOf(text()), {
    supported_environment_variables: ['PREFECT_PLUGINS_DENY', 'PREFECT_EXPERIMENTS_PLUGINS_DENY'],
  }),
  setup_timeout_seconds: float({
    supported_environment_variables: [
      'PREFECT_PLUGINS_SETUP_TIMEOUT_SECONDS',
      'PREFECT_EXPERIMENTS_PLUGINS_SETUP_TIMEOUT_SECONDS',
    ],
    default: 20,
  }),
  strict: boolean({
    supported_environment_variables: ['PREFECT_PLUGINS_STRICT', 'PREFECT_EXPERIMENTS_PLUGINS_STRICT'],
    default: false,
  }),
  safe_mode: boolean({
    supported_environment_variables: ['PREFECT_PLUGINS_SAFE_MODE', 'PREFECT_EXPERIMENTS_PLUGINS_SAFE_MODE'],
    default: false,
  }),
})
export type PluginsSettings = Static<typeof PluginsSettings>

export const ResultsSettings = model('ResultsSettings', {
  default_serializer: text({
    supported_environment_variables: ['PREFECT_RESULTS_DEFAULT_SERIALIZER'],
    default: 'pickle',
  }),
  persist_by_default: boolean({
    supported_environment_variables: ['PREFECT_RESULTS_PERSIST_BY_DEFAULT'],
    default: false,
  }),
  default_storage_block: optional(text(), {
    supported_environment_variables: ['PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK', 'PREFECT_DEFAULT_RESULT_STORAGE_BLOCK'],
  }),
  local_storage_path: mayBeAbsent(
    text({
      format: 'path',
      supported_environment_variables: ['PREFECT_RESULTS_LOCAL_STORAGE_PATH', 'PREFECT_LOCAL_STORAGE_PATH'],
    }),
  ),
})
export type ResultsSettings = Static<typeof ResultsSettings>

export const RunnerServerSettings = model('RunnerServerSettings', {
  enable: boolean({ supported_environment_variables: ['PREFECT_RUNNER_SERVER_ENABLE'], default: false }),
  host: text({ supported_environment_variables: ['PREFECT_RUNNER_SERVER_HOST'], default: 'localhost' }),
  port: integer({ supported_environment_variables: ['PREFECT_RUNNER_SERVER_PORT'], default: 8080 }),
  log_level: literal(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'], {
    supported_environment_variables: ['PREFECT_RUNNER_SERVER_LOG_LEVEL'],
    default: 'ERROR',
  }),
  missed_polls_tolerance: integer({
    supported_environment_variables: ['PREFECT_RUNNER_SERVER_MISSED_POLLS_TOLERANCE'],
    default: 2,
  }),
})
export type RunnerServerSettings = Static<typeof RunnerServerSettings>

export const RunnerSettings = model('RunnerSettings', {
  process_limit: integer({ supported_environment_variables: ['PREFECT_RUNNER_PROCESS_LIMIT'], default: 5 }),
  poll_frequency: integer({ supported_environment_variables: ['PREFECT_RUNNER_POLL_FREQUENCY'], default: 10 }),
  crash_on_cancellation_failure: boolean({
    supported_environment_variables: ['PREFECT_RUNNER_CRASH_ON_CANCELLATION_FAILURE'],
    default: false,
  }),
  auto_install_dependencies: boolean({
    supported_environment_variables: ['PREFECT_RUNNER_AUTO_INSTALL_DEPENDENCIES'],
    default: false,
  }),
  server: absentIsEmpty(withOptions(RunnerServerSettings, { supported_environment_variables: [] })),
})
export type RunnerSettings = Static<typeof RunnerSettings>

export const TasksRunnerSettings = model('TasksRunnerSettings', {
  thread_pool_max_workers: optional(integer({ exclusiveMinimum: 0 }), {
    supported_environment_variables: [
      'PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS',
      'PREFECT_TASK_RUNNER_THREAD_POOL_MAX_WORKERS',
    ],
  }),
  process_pool_max_workers: optional(integer({ exclusiveMinimum: 0 }), {
    supported_environment_variables: ['PREFECT_TASKS_RUNNER_PROCESS_POOL_MAX_WORKERS'],
  }),
})
export type TasksRunnerSettings = Static<typeof TasksRunnerSettings>

export const TasksSchedulingSettings = model('TasksSchedulingSettings', {
  default_storage_block: optional(text(), {
    supported_environment_variables: [
      'PREFECT_TASKS_SCHEDULING_DEFAULT_STORAGE_BLOCK',
      'PREFECT_TASK_SCHEDULING_DEFAULT_STORAGE_BLOCK',
    ],
  }),
  delete_failed_submissions: boolean({
    supported_environment_variables: [
      'PREFECT_TASKS_SCHEDULING_DELETE_FAILED_SUBMISSIONS',
      'PREFECT_TASK_SCHEDULING_DELETE_FAILED_SUBMISSIONS',
    ],
    default: true,
  }),
})
export type TasksSchedulingSettings = Static<typeof TasksSchedulingSettings>

export const TasksSettings = model('TasksSettings', {
  refresh_cache: boolean({ supported_environment_variables: ['PREFECT_TASKS_REFRESH_CACHE'], default: false }),
  default_no_cache: boolean({ supported_environment_variables: ['PREFECT_TASKS_DEFAULT_NO_CACHE'], default: false }),
  disable_caching: boolean({ supported_environment_variables: ['PREFECT_TASKS_DISABLE_CACHING'], default: false }),
  default_retries: integer({
    minimum: 0,
    supported_environment_variables: ['PREFECT_TASKS_DEFAULT_RETRIES', 'PREFECT_TASK_DEFAULT_RETRIES'],
    default: 0,
  }),
  default_retry_delay_seconds: nullable(anyOf([text(), integer(), float(), list(float())]), {
    supported_environment_variables: [
      'PREFECT_TASKS_DEFAULT_RETRY_DELAY_SECONDS',
      'PREFECT_TASK_DEFAULT_RETRY_DELAY_SECONDS',
    ],
    default: 0,
  }),
  default_persist_result: optional(boolean(), {
    supported_environment_variables: ['PREFECT_TASKS_DEFAULT_PERSIST_RESULT'],
  }),
  runner: absentIsEmpty(withOptions(TasksRunnerSettings, { supported_environment_variables: [] })),
  scheduling: absentIsEmpty(withOptions(TasksSchedulingSettings, { supported_environment_variables: [] })),
})
export type TasksSettings = Static<typeof TasksSettings>

export const TelemetrySettings = model('TelemetrySettings', {
  enable_resource_metrics: boolean({
    supported_environment_variables: ['PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS'],
    default: true,
  }),
  resource_metrics_interval_seconds: integer({
    minimum: 1,
    supported_environment_variables: ['PREFECT_TELEMETRY_RESOURCE_METRICS_INTERVAL_SECONDS'],
    default: 10,
  }),
})
export type TelemetrySettings = Static<typeof TelemetrySettings>

export const TestingSettings = model('TestingSettings', {
  test_mode: boolean({
    supported_environment_variables: ['PREFECT_TESTING_TEST_MODE', 'PREFECT_TEST_MODE'],
    default: false,
  }),
  unit_test_mode: boolean({
    supported_environment_variables: ['PREFECT_TESTING_UNIT_TEST_MODE', 'PREFECT_UNIT_TEST_MODE'],
    default: false,
  }),
  unit_test_loop_debug: boolean({
    supported_environment_variables: ['PREFECT_TESTING_UNIT_TEST_LOOP_DEBUG', 'PREFECT_UNIT_TEST_LOOP_DEBUG'],
    default: true,
  }),
  test_setting: nullable(any(), {
    supported_environment_variables: ['PREFECT_TESTING_TEST_SETTING', 'PREFECT_TEST_SETTING'],
    default: 'FOO',
  }),
})
export type TestingSettings = Static<typeof TestingSettings>

export const WorkerWebserverSettings = model('WorkerWebserverSettings', {
  host: text({ supported_environment_variables: ['PREFECT_WORKER_WEBSERVER_HOST'], default: '0.0.0.0' }),
  port: integer({ supported_environment_variables: ['PREFECT_WORKER_WEBSERVER_PORT'], default: 8080 }),
})
export type WorkerWebserverSettings = Static<typeof WorkerWebserverSettings>

export const WorkerSettings = model('WorkerSettings', {
  debug_mode: boolean({ supported_environment_variables: ['PREFECT_WORKER_DEBUG_MODE'], default: false }),
  heartbeat_seconds: float({ supported_environment_variables: ['PREFECT_WORKER_HEARTBEAT_SECONDS'], default: 30 }),
  query_seconds: float({ supported_environment_variables: ['PREFECT_WORKER_QUERY_SECONDS'], default: 10 }),
  prefetch_seconds: float({ supported_environment_variables: ['PREFECT_WORKER_PREFETCH_SECONDS'], default: 10 }),
  enable_cancellation: boolean({
    supported_environment_variables: ['PREFECT_WORKER_ENABLE_CANCELLATION'],
    default: false,
  }),
  cancellation_poll_seconds: float({
    supported_environment_variables: ['PREFECT_WORKER_CANCELLATION_POLL_SECONDS'],
    default: 120,
  }),
  webserver: absentIsEmpty(withOptions(WorkerWebserverSettings, { supported_environment_variables: [] })),
})
export type WorkerSettings = Static<typeof WorkerSettings>
