import { InvalidArgumentError, type Command } from 'commander'
import { Cli } from './cli.ts'

/** Gives a command the text of its help: what it does, and at least one line that can be typed as it stands. */
export function describe(command: Command, description: string, ...examples: readonly [string, ...string[]]): Command {
  const title = examples.length === 1 ? 'Example' : 'Examples'
  return command.description(description).addHelpText('after', `\n${title}:\n${examples.map((line) => `  $ ${line}`).join('\n')}`)
}

/** Adds a command to a group. `name` holds its arguments, as in `inspect <id>`. */
export function subcommand(group: Command, name: string, description: string, ...examples: readonly [string, ...string[]]): Command {
  return describe(group.command(name), description, ...examples)
}

/** Adds the option with which a command that deletes something does not ask. */
export function confirmable(command: Command): Command {
  return command.option('-y, --yes', 'do not ask whether to go on')
}

/**
 * The action of a command: gets what the command works with, then its arguments, then its options. Whatever it opened is
 * closed when it is over.
 */
export function withCli<Given extends unknown[]>(work: (cli: Cli, ...given: Given) => void | Promise<void>): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const cli = new Cli(command.optsWithGlobals())
    try {
      await work(cli, ...(given.slice(0, -1) as Given))
    } finally {
      await cli.close()
    }
  }
}

/** Parser of an option that is a whole number. */
export function wholeNumber(least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least || text.trim() === '') throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`)
    return value
  }
}

/** Parser of an option that may be given several times. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}
