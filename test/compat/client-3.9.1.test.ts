import { describeClient } from './suite.ts'

/** What a newer client does in other ways than an older one. */
const mainScripts = ['deployments', 'worker', 'pause_resume', 'task_runs', 'subflows', 'plain_flow', 'results', 'logs']

describeClient('3.9.1', mainScripts)
