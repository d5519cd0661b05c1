import type { Command } from 'commander'

export interface Group {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly description: string
  readonly example: string
  /** Imports the group's file; only the group that is called is loaded. */
  readonly load: () => Promise<(command: Command) => void>
}

/** Every word that may follow `spillway`, in the order of the help. */
export const groups: readonly Group[] = [
  {
    name: 'api',
    description: 'Call a route of the API, with the credentials of the profile.',
    example: 'spillway api POST /flows/filter --data \'{"limit": 5}\'',
    load: async () => (await import('./commands/api.ts')).apiCommand,
  },
  {
    name: 'completion',
    description: 'Print scripts that complete words in a shell.',
    example: 'source <(spillway completion bash)',
    load: async () => (await import('./commands/completion.ts')).completionCommands,
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
    name: 'task-run',
    aliases: ['task-runs'],
    description: 'View task runs.',
    example: 'spillway task-run ls --state Failed',
    load: async () => (await import('./commands/task-run.ts')).taskRunCommands,
  },
  {
    name: 'version',
    description: 'Show the versions of the command and of the server.',
    example: 'spillway version',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
]
