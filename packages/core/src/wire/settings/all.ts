import {
  APISettings,
  CLISettings,
  ClientSettings,
  CloudSettings,
  DeploymentsSettings,
  EventsSettings,
  ExperimentsSettings,
  FlowsSettings,
  InternalSettings,
  LoggingSettings,
  PluginsSettings,
  ResultsSettings,
  RunnerSettings,
  TasksSettings,
  TelemetrySettings,
  TestingSettings,
  WorkerSettings,
} from './client.ts'
import { ServerSettings } from './server.ts'
import { absentIsEmpty, boolean, mayBeAbsent, model, optional, text, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const Settings = model('Settings', {
  home: text({ format: 'path', supported_environment_variables: ['PREFECT_HOME'], default: '~/.prefect' }),
  profiles_path: mayBeAbsent(text({ format: 'path', supported_environment_variables: ['PREFECT_PROFILES_PATH'] })),
  debug_mode: boolean({ supported_environment_variables: ['PREFECT_DEBUG_MODE'], default: false }),
  api: absentIsEmpty(withOptions(APISettings, { supported_environment_variables: [] })),
  cli: absentIsEmpty(withOptions(CLISettings, { supported_environment_variables: [] })),
  client: absentIsEmpty(withOptions(ClientSettings, { supported_environment_variables: [] })),
  cloud: absentIsEmpty(withOptions(CloudSettings, { supported_environment_variables: [] })),
  deployments: absentIsEmpty(withOptions(DeploymentsSettings, { supported_environment_variables: [] })),
  events: absentIsEmpty(withOptions(EventsSettings, { supported_environment_variables: [] })),
  experiments: absentIsEmpty(withOptions(ExperimentsSettings, { supported_environment_variables: [] })),
  flows: absentIsEmpty(withOptions(FlowsSettings, { supported_environment_variables: [] })),
  internal: absentIsEmpty(withOptions(InternalSettings, { supported_environment_variables: [] })),
  logging: absentIsEmpty(withOptions(LoggingSettings, { supported_environment_variables: [] })),
  plugins: absentIsEmpty(withOptions(PluginsSettings, { supported_environment_variables: [] })),
  results: absentIsEmpty(withOptions(ResultsSettings, { supported_environment_variables: [] })),
  runner: absentIsEmpty(withOptions(RunnerSettings, { supported_environment_variables: [] })),
  server: absentIsEmpty(withOptions(ServerSettings, { supported_environment_variables: [] })),
  tasks: absentIsEmpty(withOptions(TasksSettings, { supported_environment_variables: [] })),
  telemetry: absentIsEmpty(withOptions(TelemetrySettings, { supported_environment_variables: [] })),
  testing: absentIsEmpty(withOptions(TestingSettings, { supported_environment_variables: [] })),
  worker: absentIsEmpty(withOptions(WorkerSettings, { supported_environment_variables: [] })),
  ui_url: optional(text(), { supported_environment_variables: ['PREFECT_UI_URL'] }),
  silence_api_url_misconfiguration: boolean({
    supported_environment_variables: ['PREFECT_SILENCE_API_URL_MISCONFIGURATION'],
    default: false,
  }),
})
export type Settings = Static<typeof Settings>
