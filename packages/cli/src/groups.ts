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
    name: 'server',
    description: 'Run the orchestration server.',
    example: 'spillway server start --port 4300',
    load: async () => (await import('./commands/server.ts')).serverCommands,
  },
  {
    name: 'flow',
    aliases: ['flows'],
    description: 'View and serve flows.',
    example: 'spillway flow ls',
    load: async () => (await import('./commands/flow.ts')).flowCommands,
  },
]
