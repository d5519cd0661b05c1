import type { Command } from 'commander'

export interface Group {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly description: string
  readonly example: string
  /** For a group that is one command. */
  readonly moreExamples?: readonly string[]
  /** Imports the group's file; only the group that is called is loaded. */
  readonly load: () => Promise<(command: Command, programFor: ProgramFor) => void>
}

/** The program with the group loaded that a command line calls; completion looks into it. */
export type ProgramFor = (args: readonly string[]) => Promise<Command>

/** Every word that may follow `spillway`, in the order of the help. */
export const groups: readonly Group[] = [
  {
    name: 'api',
    description: 'Call a route of the API, with the credentials of the profile.',
    example: 'spillway api POST /flows/filter --data \'{"limit": 5}\'',
    load: async () => (await import('./commands/api.ts')).apiCommand,
  },
  {
    name: 'artifact',
    description: 'Look at and delete artifacts.',
    example: 'spillway artifact ls',
    load: async () => (await import('./commands/artifact.ts')).artifactCommands,
  },
  {
    name: 'automation',
    aliases: ['automations'],
    description: 'Manage automations.',
    example: 'spillway automation ls',
    load: async () => (await import('./commands/automation.ts')).automationCommands,
  },
  {
    name: 'block',
    aliases: ['blocks'],
    description: 'Manage blocks and their types.',
    example: 'spillway block ls',
    load: async () => (await import('./commands/block.ts')).blockCommands,
  },
  {
    name: 'completion',
    description: 'Print scripts that complete words in a shell.',
    example: 'source <(spillway completion bash)',
    load: async () => (await import('./commands/completion.ts')).completionCommands,
  },
  {
    name: 'concurrency-limit',
    aliases: ['concurrency-limits'],
    description: 'Manage limits on task runs with a tag.',
    example: 'spillway concurrency-limit create warehouse 10',
    load: async () => (await import('./commands/concurrency-limit.ts')).concurrencyLimitCommands,
  },
  {
    name: 'config',
    description: 'View and change settings.',
    example: 'spillway config view --show-defaults',
    load: async () => (await import('./commands/config.ts')).configCommands,
  },
  {
    name: 'dashboard',
    description: 'Open the web page of the server.',
    example: 'spillway dashboard open',
    load: async () => (await import('./commands/dashboard.ts')).dashboardCommands,
  },
  {
    name: 'deploy',
    description: "Deploy flows in TypeScript to a work pool: those of a prefect.yaml, or one by its entry point.",
    example: 'spillway deploy flows/nightly.ts:nightly --name prod --pool local',
    moreExamples: ['spillway deploy --all', 'spillway deploy flows/nightly.ts:nightly -n prod -p boxes --image registry.example.org/team/flows:1.0 --build --push'],
    load: async () => (await import('./commands/deploy.ts')).deployCommands,
  },
  {
    name: 'deployment',
    aliases: ['deployments'],
    description: 'Manage deployments, run them, and their schedules.',
    example: 'spillway deployment run nightly/prod --watch',
    load: async () => (await import('./commands/deployment.ts')).deploymentCommands,
  },
  {
    name: 'dev',
    description: 'Run a server and the flows of some files in one terminal, and load the files again when they change.',
    example: 'spillway dev flows/*.ts',
    load: async () => (await import('./commands/dev.ts')).devCommand,
  },
  {
    name: 'event',
    aliases: ['events'],
    description: 'Stream and emit events.',
    example: 'spillway event stream',
    load: async () => (await import('./commands/event.ts')).eventCommands,
  },
  {
    name: 'flow',
    aliases: ['flows'],
    description: 'View and serve flows.',
    example: 'spillway flow ls',
    load: async () => (await import('./commands/flow.ts')).flowCommands,
  },
  {
    name: 'flow-run',
    aliases: ['flow-runs'],
    description: 'View, watch, cancel and retry flow runs.',
    example: 'spillway flow-run ls --state Failed',
    load: async () => (await import('./commands/flow-run.ts')).flowRunCommands,
  },
  {
    name: 'generate',
    description: 'Write TypeScript types and callers for deployments, those of Python flows too.',
    example: 'spillway generate --out deployments.generated.ts',
    moreExamples: ['spillway generate --deployment forecast/prod --check'],
    load: async () => (await import('./commands/generate.ts')).generateCommand,
  },
  {
    name: 'global-concurrency-limit',
    aliases: ['gcl'],
    description: 'Manage named limits that any code may take slots of.',
    example: 'spillway global-concurrency-limit create crm-api --limit 5',
    load: async () => (await import('./commands/global-concurrency-limit.ts')).globalConcurrencyLimitCommands,
  },
  {
    name: 'init',
    description: 'Make a project with a flow in TypeScript.',
    example: 'spillway init my-flows',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    name: 'profile',
    aliases: ['profiles'],
    description: 'Keep settings under a name, and switch between them.',
    example: 'spillway profile use local',
    load: async () => (await import('./commands/profile.ts')).profileCommands,
  },
  {
    name: 'server',
    description: 'Run the orchestration server.',
    example: 'spillway server start --port 4300',
    load: async () => (await import('./commands/server.ts')).serverCommands,
  },
  {
    name: 'task',
    description: 'Serve tasks that others leave work to.',
    example: 'spillway task serve tasks/mail.ts:sendMail',
    load: async () => (await import('./commands/task.ts')).taskCommands,
  },
  {
    name: 'task-run',
    aliases: ['task-runs'],
    description: 'View task runs.',
    example: 'spillway task-run ls --state Failed',
    load: async () => (await import('./commands/task-run.ts')).taskRunCommands,
  },
  {
    name: 'variable',
    aliases: ['variables'],
    description: 'Manage variables.',
    example: 'spillway variable set region eu',
    load: async () => (await import('./commands/variable.ts')).variableCommands,
  },
  {
    name: 'version',
    description: 'Show the versions of the command and of the server.',
    example: 'spillway version',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
  {
    name: 'work-pool',
    aliases: ['work-pools'],
    description: 'Manage work pools.',
    example: 'spillway work-pool create local --type process',
    load: async () => (await import('./commands/work-pool.ts')).workPoolCommands,
  },
  {
    name: 'work-queue',
    aliases: ['work-queues'],
    description: 'Manage work queues.',
    example: 'spillway work-queue ls --pool local',
    load: async () => (await import('./commands/work-queue.ts')).workQueueCommands,
  },
  {
    name: 'worker',
    aliases: ['workers'],
    description: 'Start workers.',
    example: 'spillway worker start --pool local',
    load: async () => (await import('./commands/worker.ts')).workerCommands,
  },
]
