// Made from the route table of the server by `node scripts/generate-client.mjs`: do not edit.

export interface APISettings {
  url: string | null
  auth_string: string | null
  key: string | null
  tls_insecure_skip_verify: boolean
  ssl_cert_file: string | null
  enable_http2: boolean
  request_timeout: number
}

export interface CLISettings {
  colors: boolean
  prompt: boolean | null
  wrap_lines: boolean
}

export interface ClientMetricsSettings {
  enabled: boolean
  port: number
}

export interface ClientSettings {
  max_retries: number
  retry_jitter_factor: number
  retry_extra_codes: string | number | number[] | null
  csrf_support_enabled: boolean
  custom_headers: Record<string, string>
  server_version_check_enabled: boolean
  metrics: ClientMetricsSettings
}

export interface CloudSettings {
  api_url: string
  enable_orchestration_telemetry: boolean
  max_log_size: number
  ui_url: string | null
}

export interface DeploymentsSettings {
  default_work_pool_name: string | null
  default_docker_build_namespace: string | null
}

export interface EventsSettings {
  worker_max_queue_size: number
}

export interface ExperimentsSettings {
  warn: boolean
}

export interface FlowsSettings {
  heartbeat_frequency: number | null
  default_retries: number
  default_retry_delay_seconds: number | number[]
}

export interface InternalSettings {
  logging_level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'
}

export interface LoggingSettings {
  level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'
  config_path: string
  extra_loggers: string | string[] | null
  log_prints: boolean
  colors: boolean
  markup: boolean
  to_api: LoggingToAPISettings
}

export interface LoggingToAPISettings {
  enabled: boolean
  batch_interval: number
  batch_size: number
  max_log_size: number
  when_missing_flow: 'warn' | 'error' | 'ignore'
}

export interface PluginsSettings {
  enabled: boolean
  allow: string[] | null
  deny: string[] | null
  setup_timeout_seconds: number
  strict: boolean
  safe_mode: boolean
}

export interface ResultsSettings {
  default_serializer: string
  persist_by_default: boolean
  default_storage_block: string | null
  local_storage_path: string
}

export interface RunnerServerSettings {
  enable: boolean
  host: string
  port: number
  log_level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'
  missed_polls_tolerance: number
}

export interface RunnerSettings {
  process_limit: number
  poll_frequency: number
  crash_on_cancellation_failure: boolean
  auto_install_dependencies: boolean
  server: RunnerServerSettings
}

export interface SQLAlchemyConnectArgsSettings {
  application_name: string | null
  search_path: string | null
  statement_cache_size: number | null
  prepared_statement_cache_size: number | null
  tls: SQLAlchemyTLSSettings
}

export interface SQLAlchemySettings {
  connect_args: SQLAlchemyConnectArgsSettings
  pool_size: number
  pool_recycle: number
  pool_timeout: number | null
  max_overflow: number
}

export interface SQLAlchemyTLSSettings {
  enabled: boolean
  ca_file: string | null
  cert_file: string | null
  key_file: string | null
  check_hostname: boolean
}

export interface ServerAPISettings {
  auth_string: string | null
  host: string
  port: number
  base_path: string | null
  default_limit: number
  keepalive_timeout: number
  csrf_protection_enabled: boolean
  csrf_token_expiration: number
  cors_allowed_origins: string
  cors_allowed_methods: string
  cors_allowed_headers: string
  websocket_ping_interval: number
  websocket_ping_timeout: number
  max_parameter_size: number
}

export interface ServerConcurrencySettings {
  lease_storage: string
  initial_deployment_lease_duration: number
  maximum_concurrency_slot_wait_seconds: number
}

export interface ServerDatabaseSettings {
  sqlalchemy: SQLAlchemySettings
  connection_url: string | null
  driver: 'postgresql+asyncpg' | 'sqlite+aiosqlite' | null
  host: string | null
  port: number | null
  user: string | null
  name: string | null
  password: string | null
  echo: boolean
  migrate_on_start: boolean
  timeout: number | null
  connection_timeout: number | null
  migration_timeout: number | null
}

export interface ServerDeploymentsSettings {
  concurrency_slot_wait_seconds: number
}

export interface ServerDocketSettings {
  name: string
  url: string
}

export interface ServerEphemeralSettings {
  enabled: boolean
  startup_timeout_seconds: number
}

export interface ServerEventsSettings {
  stream_out_enabled: boolean
  related_resource_cache_ttl: number
  maximum_labels_per_resource: number
  maximum_related_resources: number
  maximum_size_bytes: number
  expired_bucket_buffer: number
  proactive_granularity: number
  retention_period: number
  maximum_websocket_backfill: number
  websocket_backfill_page_size: number
  messaging_broker: string
  messaging_cache: string
  causal_ordering: string
  maximum_event_name_length: number
}

export interface ServerFlowRunGraphSettings {
  max_nodes: number
  max_artifacts: number
}

export interface ServerLogsSettings {
  stream_out_enabled: boolean
  stream_publishing_enabled: boolean
}

export interface ServerServicesCancellationCleanupSettings {
  enabled: boolean
  loop_seconds: number
  cancelling_timeout_seconds: number
}

export interface ServerServicesCleanupReconcilerSettings {
  enabled: boolean
  loop_seconds: number
  batch_size: number
}

export interface ServerServicesDBVacuumSettings {
  enabled: string[] | boolean | null
  loop_seconds: number
  orphan_cleanup_loop_seconds: number
  retention_period: number
  batch_size: number
  event_retention_overrides: Record<string, number>
}

export interface ServerServicesEventLoggerSettings {
  enabled: boolean
}

export interface ServerServicesEventPersisterSettings {
  enabled: boolean
  batch_size: number
  read_batch_size: number
  flush_interval: number
  queue_max_size: number
  max_flush_retries: number
}

export interface ServerServicesForemanSettings {
  enabled: boolean
  loop_seconds: number
  inactivity_heartbeat_multiple: number
  fallback_heartbeat_interval_seconds: number
  deployment_last_polled_timeout_seconds: number
  work_queue_last_polled_timeout_seconds: number
}

export interface ServerServicesLateRunsSettings {
  enabled: boolean
  loop_seconds: number
  after_seconds: number
}

export interface ServerServicesPauseExpirationsSettings {
  enabled: boolean
  loop_seconds: number
}

export interface ServerServicesRepossessorSettings {
  enabled: boolean
  loop_seconds: number
}

export interface ServerServicesSchedulerSettings {
  enabled: boolean
  loop_seconds: number
  deployment_batch_size: number
  max_runs: number
  min_runs: number
  max_scheduled_time: number
  min_scheduled_time: number
  insert_batch_size: number
  recent_deployments_loop_seconds: number
}

export interface ServerServicesSettings {
  cancellation_cleanup: ServerServicesCancellationCleanupSettings
  db_vacuum: ServerServicesDBVacuumSettings
  event_persister: ServerServicesEventPersisterSettings
  event_logger: ServerServicesEventLoggerSettings
  foreman: ServerServicesForemanSettings
  late_runs: ServerServicesLateRunsSettings
  scheduler: ServerServicesSchedulerSettings
  pause_expirations: ServerServicesPauseExpirationsSettings
  repossessor: ServerServicesRepossessorSettings
  cleanup_reconciler: ServerServicesCleanupReconcilerSettings
  task_run_recorder: ServerServicesTaskRunRecorderSettings
  triggers: ServerServicesTriggersSettings
}

export interface ServerServicesTaskRunRecorderSettings {
  enabled: boolean
  read_batch_size: number
  batch_size: number
  flush_interval: number
}

export interface ServerServicesTriggersSettings {
  enabled: boolean
  read_batch_size: number
  pg_notify_reconnect_interval_seconds: number
  pg_notify_heartbeat_interval_seconds: number
}

export interface ServerSettings {
  logging_level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'
  analytics_enabled: boolean
  metrics_enabled: boolean
  log_retryable_errors: boolean
  register_blocks_on_start: boolean
  memoize_block_auto_registration: boolean
  memo_store_path: string
  deployment_schedule_max_scheduled_runs: number
  api: ServerAPISettings
  concurrency: ServerConcurrencySettings
  database: ServerDatabaseSettings
  deployments: ServerDeploymentsSettings
  docket: ServerDocketSettings
  ephemeral: ServerEphemeralSettings
  events: ServerEventsSettings
  flow_run_graph: ServerFlowRunGraphSettings
  logs: ServerLogsSettings
  services: ServerServicesSettings
  tasks: ServerTasksSettings
  ui: ServerUISettings
  worker_channel: ServerWorkerChannelSettings
}

export interface ServerTasksSchedulingSettings {
  max_scheduled_queue_size: number
  max_retry_queue_size: number
  pending_task_timeout: number
}

export interface ServerTasksSettings {
  tag_concurrency_slot_wait_seconds: number
  max_cache_key_length: number
  scheduling: ServerTasksSchedulingSettings
}

export interface ServerUISettings {
  enabled: boolean
  v2_enabled: boolean
  api_url: string | null
  serve_base: string
  static_directory: string | null
  show_promotional_content: boolean
}

export interface ServerWorkerChannelSettings {
  cleanup_queue_storage: string
  cleanup_lease_seconds: number
  cleanup_max_delivery_attempts: number
  cleanup_completed_idempotency_retention_seconds: number | null
}

export interface Settings {
  home: string
  profiles_path: string
  debug_mode: boolean
  api: APISettings
  cli: CLISettings
  client: ClientSettings
  cloud: CloudSettings
  deployments: DeploymentsSettings
  events: EventsSettings
  experiments: ExperimentsSettings
  flows: FlowsSettings
  internal: InternalSettings
  logging: LoggingSettings
  plugins: PluginsSettings
  results: ResultsSettings
  runner: RunnerSettings
  server: ServerSettings
  tasks: TasksSettings
  telemetry: TelemetrySettings
  testing: TestingSettings
  worker: WorkerSettings
  ui_url: string | null
  silence_api_url_misconfiguration: boolean
}

export interface TasksRunnerSettings {
  thread_pool_max_workers: number | null
  process_pool_max_workers: number | null
}

export interface TasksSchedulingSettings {
  default_storage_block: string | null
  delete_failed_submissions: boolean
}

export interface TasksSettings {
  refresh_cache: boolean
  default_no_cache: boolean
  disable_caching: boolean
  default_retries: number
  default_retry_delay_seconds: string | number | number[] | null
  default_persist_result: boolean | null
  runner: TasksRunnerSettings
  scheduling: TasksSchedulingSettings
}

export interface TelemetrySettings {
  enable_resource_metrics: boolean
  resource_metrics_interval_seconds: number
}

export interface TestingSettings {
  test_mode: boolean
  unit_test_mode: boolean
  unit_test_loop_debug: boolean
  test_setting: unknown
}

export interface WorkerSettings {
  debug_mode: boolean
  heartbeat_seconds: number
  query_seconds: number
  prefetch_seconds: number
  enable_cancellation: boolean
  cancellation_poll_seconds: number
  webserver: WorkerWebserverSettings
}

export interface WorkerWebserverSettings {
  host: string
  port: number
}
