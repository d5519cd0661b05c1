import { ServerServicesSettings } from './services.ts'
import {
  absentIsEmpty,
  boolean,
  duration,
  float,
  integer,
  literal,
  mayBeAbsent,
  model,
  nullable,
  optional,
  text,
  withOptions,
} from '../schema.ts'
import type { Static } from '../schema.ts'

export const SQLAlchemyTLSSettings = model('SQLAlchemyTLSSettings', {
  enabled: boolean({
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_ENABLED'],
    default: false,
  }),
  ca_file: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CA_FILE'],
  }),
  cert_file: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CERT_FILE'],
  }),
  key_file: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_KEY_FILE'],
  }),
  check_hostname: boolean({
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CHECK_HOSTNAME'],
    default: true,
  }),
})
export type SQLAlchemyTLSSettings = Static<typeof SQLAlchemyTLSSettings>

export const SQLAlchemyConnectArgsSettings = model('SQLAlchemyConnectArgsSettings', {
  application_name: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_APPLICATION_NAME'],
  }),
  search_path: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_SEARCH_PATH'],
  }),
  statement_cache_size: optional(integer(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_STATEMENT_CACHE_SIZE'],
  }),
  prepared_statement_cache_size: optional(integer(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_PREPARED_STATEMENT_CACHE_SIZE'],
  }),
  tls: absentIsEmpty(withOptions(SQLAlchemyTLSSettings, { supported_environment_variables: [] })),
})
export type SQLAlchemyConnectArgsSettings = Static<typeof SQLAlchemyConnectArgsSettings>

export const SQLAlchemySettings = model('SQLAlchemySettings', {
  connect_args: absentIsEmpty(withOptions(SQLAlchemyConnectArgsSettings, { supported_environment_variables: [] })),
  pool_size: integer({
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE', 'PREFECT_SQLALCHEMY_POOL_SIZE'],
    default: 5,
  }),
  pool_recycle: integer({
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_RECYCLE'],
    default: 3600,
  }),
  pool_timeout: nullable(float(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_TIMEOUT'],
    default: 30,
  }),
  max_overflow: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW',
      'PREFECT_SQLALCHEMY_MAX_OVERFLOW',
    ],
    default: 10,
  }),
})
export type SQLAlchemySettings = Static<typeof SQLAlchemySettings>

export const ServerAPISettings = model('ServerAPISettings', {
  auth_string: optional(text({ format: 'password', writeOnly: true }), {
    supported_environment_variables: ['PREFECT_SERVER_API_AUTH_STRING'],
  }),
  host: text({ supported_environment_variables: ['PREFECT_SERVER_API_HOST'], default: '127.0.0.1' }),
  port: integer({ supported_environment_variables: ['PREFECT_SERVER_API_PORT'], default: 4200 }),
  base_path: optional(text(), { supported_environment_variables: ['PREFECT_SERVER_API_BASE_PATH'] }),
  default_limit: integer({
    supported_environment_variables: ['PREFECT_SERVER_API_DEFAULT_LIMIT', 'PREFECT_API_DEFAULT_LIMIT'],
    default: 200,
  }),
  keepalive_timeout: integer({ supported_environment_variables: ['PREFECT_SERVER_API_KEEPALIVE_TIMEOUT'], default: 5 }),
  csrf_protection_enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED',
      'PREFECT_SERVER_CSRF_PROTECTION_ENABLED',
    ],
    default: false,
  }),
  csrf_token_expiration: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_API_CSRF_TOKEN_EXPIRATION',
      'PREFECT_SERVER_CSRF_TOKEN_EXPIRATION',
    ],
    default: 'PT1H',
  }),
  cors_allowed_origins: text({
    supported_environment_variables: ['PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS', 'PREFECT_SERVER_CORS_ALLOWED_ORIGINS'],
    default: '*',
  }),
  cors_allowed_methods: text({
    supported_environment_variables: ['PREFECT_SERVER_API_CORS_ALLOWED_METHODS', 'PREFECT_SERVER_CORS_ALLOWED_METHODS'],
    default: '*',
  }),
  cors_allowed_headers: text({
    supported_environment_variables: ['PREFECT_SERVER_API_CORS_ALLOWED_HEADERS', 'PREFECT_SERVER_CORS_ALLOWED_HEADERS'],
    default: '*',
  }),
  websocket_ping_interval: float({
    supported_environment_variables: ['PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL'],
    default: 20,
  }),
  websocket_ping_timeout: float({
    supported_environment_variables: ['PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT'],
    default: 20,
  }),
  max_parameter_size: integer({
    minimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_API_MAX_PARAMETER_SIZE'],
    default: 524288,
  }),
})
export type ServerAPISettings = Static<typeof ServerAPISettings>

export const ServerConcurrencySettings = model('ServerConcurrencySettings', {
  lease_storage: text({
    supported_environment_variables: ['PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE'],
    default: 'prefect.server.concurrency.lease_storage.memory',
  }),
  initial_deployment_lease_duration: float({
    maximum: 3600,
    minimum: 30,
    supported_environment_variables: ['PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION'],
    default: 300,
  }),
  maximum_concurrency_slot_wait_seconds: float({
    minimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_CONCURRENCY_MAXIMUM_CONCURRENCY_SLOT_WAIT_SECONDS'],
    default: 30,
  }),
})
export type ServerConcurrencySettings = Static<typeof ServerConcurrencySettings>

export const ServerDatabaseSettings = model('ServerDatabaseSettings', {
  sqlalchemy: absentIsEmpty(withOptions(SQLAlchemySettings, { supported_environment_variables: [] })),
  connection_url: optional(text({ format: 'password', writeOnly: true }), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_CONNECTION_URL', 'PREFECT_API_DATABASE_CONNECTION_URL'],
  }),
  driver: optional(literal(['postgresql+asyncpg', 'sqlite+aiosqlite']), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_DRIVER', 'PREFECT_API_DATABASE_DRIVER'],
  }),
  host: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_HOST', 'PREFECT_API_DATABASE_HOST'],
  }),
  port: optional(integer(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_PORT', 'PREFECT_API_DATABASE_PORT'],
  }),
  user: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_USER', 'PREFECT_API_DATABASE_USER'],
  }),
  name: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_NAME', 'PREFECT_API_DATABASE_NAME'],
  }),
  password: optional(text({ format: 'password', writeOnly: true }), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_PASSWORD', 'PREFECT_API_DATABASE_PASSWORD'],
  }),
  echo: boolean({
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_ECHO', 'PREFECT_API_DATABASE_ECHO'],
    default: false,
  }),
  migrate_on_start: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_DATABASE_MIGRATE_ON_START',
      'PREFECT_API_DATABASE_MIGRATE_ON_START',
    ],
    default: true,
  }),
  timeout: nullable(float(), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_TIMEOUT', 'PREFECT_API_DATABASE_TIMEOUT'],
    default: 10,
  }),
  connection_timeout: nullable(float(), {
    supported_environment_variables: [
      'PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT',
      'PREFECT_API_DATABASE_CONNECTION_TIMEOUT',
    ],
    default: 5,
  }),
  migration_timeout: optional(float({ exclusiveMinimum: 0 }), {
    supported_environment_variables: ['PREFECT_SERVER_DATABASE_MIGRATION_TIMEOUT'],
  }),
})
export type ServerDatabaseSettings = Static<typeof ServerDatabaseSettings>

export const ServerDeploymentsSettings = model('ServerDeploymentsSettings', {
  concurrency_slot_wait_seconds: float({
    minimum: 0,
    supported_environment_variables: [
      'PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS',
      'PREFECT_DEPLOYMENT_CONCURRENCY_SLOT_WAIT_SECONDS',
    ],
    default: 30,
  }),
})
export type ServerDeploymentsSettings = Static<typeof ServerDeploymentsSettings>

export const ServerDocketSettings = model('ServerDocketSettings', {
  name: text({ supported_environment_variables: ['PREFECT_SERVER_DOCKET_NAME'], default: 'prefect-server' }),
  url: text({ supported_environment_variables: ['PREFECT_SERVER_DOCKET_URL'], default: 'memory://' }),
})
export type ServerDocketSettings = Static<typeof ServerDocketSettings>

export const ServerEphemeralSettings = model('ServerEphemeralSettings', {
  enabled: boolean({
    supported_environment_variables: ['PREFECT_SERVER_EPHEMERAL_ENABLED', 'PREFECT_SERVER_ALLOW_EPHEMERAL_MODE'],
    default: false,
  }),
  startup_timeout_seconds: integer({
    supported_environment_variables: ['PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS'],
    default: 20,
  }),
})
export type ServerEphemeralSettings = Static<typeof ServerEphemeralSettings>

export const ServerEventsSettings = model('ServerEventsSettings', {
  stream_out_enabled: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED',
      'PREFECT_API_EVENTS_STREAM_OUT_ENABLED',
    ],
    default: true,
  }),
  related_resource_cache_ttl: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_EVENTS_RELATED_RESOURCE_CACHE_TTL',
      'PREFECT_API_EVENTS_RELATED_RESOURCE_CACHE_TTL',
    ],
    default: 'PT5M',
  }),
  maximum_labels_per_resource: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_EVENTS_MAXIMUM_LABELS_PER_RESOURCE',
      'PREFECT_EVENTS_MAXIMUM_LABELS_PER_RESOURCE',
    ],
    default: 500,
  }),
  maximum_related_resources: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_EVENTS_MAXIMUM_RELATED_RESOURCES',
      'PREFECT_EVENTS_MAXIMUM_RELATED_RESOURCES',
    ],
    default: 100,
  }),
  maximum_size_bytes: integer({
    supported_environment_variables: ['PREFECT_SERVER_EVENTS_MAXIMUM_SIZE_BYTES', 'PREFECT_EVENTS_MAXIMUM_SIZE_BYTES'],
    default: 1500000,
  }),
  expired_bucket_buffer: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_EVENTS_EXPIRED_BUCKET_BUFFER',
      'PREFECT_EVENTS_EXPIRED_BUCKET_BUFFER',
    ],
    default: 'PT1M',
  }),
  proactive_granularity: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY',
      'PREFECT_EVENTS_PROACTIVE_GRANULARITY',
    ],
    default: 'PT5S',
  }),
  retention_period: duration({
    supported_environment_variables: ['PREFECT_SERVER_EVENTS_RETENTION_PERIOD', 'PREFECT_EVENTS_RETENTION_PERIOD'],
    default: 'P7D',
  }),
  maximum_websocket_backfill: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL',
      'PREFECT_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL',
    ],
    default: 'PT15M',
  }),
  websocket_backfill_page_size: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: [
      'PREFECT_SERVER_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE',
      'PREFECT_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE',
    ],
    default: 250,
  }),
  messaging_broker: text({
    supported_environment_variables: ['PREFECT_SERVER_EVENTS_MESSAGING_BROKER', 'PREFECT_MESSAGING_BROKER'],
    default: 'prefect.server.utilities.messaging.memory',
  }),
  messaging_cache: text({
    supported_environment_variables: ['PREFECT_SERVER_EVENTS_MESSAGING_CACHE', 'PREFECT_MESSAGING_CACHE'],
    default: 'prefect.server.utilities.messaging.memory',
  }),
  causal_ordering: text({
    supported_environment_variables: ['PREFECT_SERVER_EVENTS_CAUSAL_ORDERING'],
    default: 'prefect.server.events.ordering.memory',
  }),
  maximum_event_name_length: integer({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_EVENTS_MAXIMUM_EVENT_NAME_LENGTH'],
    default: 1024,
  }),
})
export type ServerEventsSettings = Static<typeof ServerEventsSettings>

export const ServerFlowRunGraphSettings = model('ServerFlowRunGraphSettings', {
  max_nodes: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_FLOW_RUN_GRAPH_MAX_NODES',
      'PREFECT_API_MAX_FLOW_RUN_GRAPH_NODES',
    ],
    default: 10000,
  }),
  max_artifacts: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_FLOW_RUN_GRAPH_MAX_ARTIFACTS',
      'PREFECT_API_MAX_FLOW_RUN_GRAPH_ARTIFACTS',
    ],
    default: 10000,
  }),
})
export type ServerFlowRunGraphSettings = Static<typeof ServerFlowRunGraphSettings>

export const ServerLogsSettings = model('ServerLogsSettings', {
  stream_out_enabled: boolean({
    supported_environment_variables: ['PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED'],
    default: false,
  }),
  stream_publishing_enabled: boolean({
    supported_environment_variables: ['PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED'],
    default: false,
  }),
})
export type ServerLogsSettings = Static<typeof ServerLogsSettings>

export const ServerTasksSchedulingSettings = model('ServerTasksSchedulingSettings', {
  max_scheduled_queue_size: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_TASKS_SCHEDULING_MAX_SCHEDULED_QUEUE_SIZE',
      'PREFECT_TASK_SCHEDULING_MAX_SCHEDULED_QUEUE_SIZE',
    ],
    default: 1000,
  }),
  max_retry_queue_size: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_TASKS_SCHEDULING_MAX_RETRY_QUEUE_SIZE',
      'PREFECT_TASK_SCHEDULING_MAX_RETRY_QUEUE_SIZE',
    ],
    default: 100,
  }),
  pending_task_timeout: duration({
    supported_environment_variables: [
      'PREFECT_SERVER_TASKS_SCHEDULING_PENDING_TASK_TIMEOUT',
      'PREFECT_TASK_SCHEDULING_PENDING_TASK_TIMEOUT',
    ],
    default: 'PT0S',
  }),
})
export type ServerTasksSchedulingSettings = Static<typeof ServerTasksSchedulingSettings>

export const ServerTasksSettings = model('ServerTasksSettings', {
  tag_concurrency_slot_wait_seconds: float({
    minimum: 0,
    supported_environment_variables: [
      'PREFECT_SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS',
      'PREFECT_TASK_RUN_TAG_CONCURRENCY_SLOT_WAIT_SECONDS',
    ],
    default: 10,
  }),
  max_cache_key_length: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_TASKS_MAX_CACHE_KEY_LENGTH',
      'PREFECT_API_TASK_CACHE_KEY_MAX_LENGTH',
    ],
    default: 2000,
  }),
  scheduling: absentIsEmpty(withOptions(ServerTasksSchedulingSettings, { supported_environment_variables: [] })),
})
export type ServerTasksSettings = Static<typeof ServerTasksSettings>

export const ServerUISettings = model('ServerUISettings', {
  enabled: boolean({
    supported_environment_variables: ['PREFECT_SERVER_UI_ENABLED', 'PREFECT_UI_ENABLED'],
    default: true,
  }),
  v2_enabled: boolean({ supported_environment_variables: ['PREFECT_SERVER_UI_V2_ENABLED'], default: true }),
  api_url: optional(text(), { supported_environment_variables: ['PREFECT_SERVER_UI_API_URL', 'PREFECT_UI_API_URL'] }),
  serve_base: text({
    supported_environment_variables: ['PREFECT_SERVER_UI_SERVE_BASE', 'PREFECT_UI_SERVE_BASE'],
    default: '/',
  }),
  static_directory: optional(text(), {
    supported_environment_variables: ['PREFECT_SERVER_UI_STATIC_DIRECTORY', 'PREFECT_UI_STATIC_DIRECTORY'],
  }),
  show_promotional_content: boolean({
    supported_environment_variables: ['PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT'],
    default: true,
  }),
})
export type ServerUISettings = Static<typeof ServerUISettings>

export const ServerWorkerChannelSettings = model('ServerWorkerChannelSettings', {
  cleanup_queue_storage: text({
    supported_environment_variables: ['PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE'],
    default: 'prefect.server.worker_communication.cleanup_queue.memory',
  }),
  cleanup_lease_seconds: float({
    exclusiveMinimum: 0,
    supported_environment_variables: ['PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_LEASE_SECONDS'],
    default: 30,
  }),
  cleanup_max_delivery_attempts: integer({
    minimum: 1,
    supported_environment_variables: ['PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_MAX_DELIVERY_ATTEMPTS'],
    default: 3,
  }),
  cleanup_completed_idempotency_retention_seconds: optional(float({ minimum: 0 }), {
    supported_environment_variables: ['PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_COMPLETED_IDEMPOTENCY_RETENTION_SECONDS'],
  }),
})
export type ServerWorkerChannelSettings = Static<typeof ServerWorkerChannelSettings>

export const ServerSettings = model('ServerSettings', {
  logging_level: literal(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'], {
    supported_environment_variables: ['PREFECT_SERVER_LOGGING_LEVEL', 'PREFECT_LOGGING_SERVER_LEVEL'],
    default: 'WARNING',
  }),
  analytics_enabled: boolean({ supported_environment_variables: ['PREFECT_SERVER_ANALYTICS_ENABLED'], default: true }),
  metrics_enabled: boolean({
    supported_environment_variables: ['PREFECT_SERVER_METRICS_ENABLED', 'PREFECT_API_ENABLE_METRICS'],
    default: false,
  }),
  log_retryable_errors: boolean({
    supported_environment_variables: ['PREFECT_SERVER_LOG_RETRYABLE_ERRORS', 'PREFECT_API_LOG_RETRYABLE_ERRORS'],
    default: false,
  }),
  register_blocks_on_start: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_REGISTER_BLOCKS_ON_START',
      'PREFECT_API_BLOCKS_REGISTER_ON_START',
    ],
    default: true,
  }),
  memoize_block_auto_registration: boolean({
    supported_environment_variables: [
      'PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION',
      'PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION',
    ],
    default: true,
  }),
  memo_store_path: mayBeAbsent(
    text({
      format: 'path',
      supported_environment_variables: ['PREFECT_SERVER_MEMO_STORE_PATH', 'PREFECT_MEMO_STORE_PATH'],
    }),
  ),
  deployment_schedule_max_scheduled_runs: integer({
    supported_environment_variables: [
      'PREFECT_SERVER_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS',
      'PREFECT_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS',
    ],
    default: 50,
  }),
  api: absentIsEmpty(withOptions(ServerAPISettings, { supported_environment_variables: [] })),
  concurrency: absentIsEmpty(withOptions(ServerConcurrencySettings, { supported_environment_variables: [] })),
  database: absentIsEmpty(withOptions(ServerDatabaseSettings, { supported_environment_variables: [] })),
  deployments: absentIsEmpty(withOptions(ServerDeploymentsSettings, { supported_environment_variables: [] })),
  docket: absentIsEmpty(withOptions(ServerDocketSettings, { supported_environment_variables: [] })),
  ephemeral: absentIsEmpty(withOptions(ServerEphemeralSettings, { supported_environment_variables: [] })),
  events: absentIsEmpty(withOptions(ServerEventsSettings, { supported_environment_variables: [] })),
  flow_run_graph: absentIsEmpty(withOptions(ServerFlowRunGraphSettings, { supported_environment_variables: [] })),
  logs: absentIsEmpty(withOptions(ServerLogsSettings, { supported_environment_variables: [] })),
  services: absentIsEmpty(withOptions(ServerServicesSettings, { supported_environment_variables: [] })),
  tasks: absentIsEmpty(withOptions(ServerTasksSettings, { supported_environment_variables: [] })),
  ui: absentIsEmpty(withOptions(ServerUISettings, { supported_environment_variables: [] })),
  worker_channel: absentIsEmpty(withOptions(ServerWorkerChannelSettings, { supported_environment_variables: [] })),
})
export type ServerSettings = Static<typeof ServerSettings>
