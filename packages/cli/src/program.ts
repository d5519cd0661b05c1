import { Command, Option } from 'commander'
import { describe } from './command.ts'
import { groups, type Group } from './groups.ts'
import { HELP_AFTER_ERROR } from './report-error.ts'

/** Options of the whole program that take a value, for the look ahead. */
const withValue = new Set(['--profile', '--output', '-o'])

/**
 * The program for one command line: all groups are named, and the one that is called is loaded.
 *
 * @param args what follows `spillway`
 */
export async function programFor(args: readonly string[]): Promise<Command> {
  const called = firstWord(args)
  return await build(wantsJson(args), (group) => group.name === called || (group.aliases?.includes(called ?? '') ?? false))
}

/** The program with every group loaded: for completion, and for tests that walk through it. */
export async function wholeProgram(): Promise<Command> {
  return await build(false, () => true)
}

async function build(isJson: boolean, isLoaded: (group: Group) => boolean): Promise<Command> {
  const program = new Command('spillway')
    .exitOverride()
    // What is called wrongly is then told by an object alone.
    .configureOutput(isJson ? { writeErr: () => {} } : {})
    .showHelpAfterError(HELP_AFTER_ERROR)
    .configureHelp({ showGlobalOptions: true, subcommandTerm })
    .option('--profile <name>', 'settings of this profile; -p in front of the first word')
    .option('--json', "print the API's objects as JSON")
    .addOption(new Option('-o, --output <format>', "the same, in Prefect's words").choices(['json']).hideHelp())
    .option('--no-prompt', 'ask nothing: what deletes goes on, what is missing is an error')
    .addOption(new Option('--prompt', 'ask before deleting').hideHelp())
  describe(program, 'Self-hosted workflow orchestration that speaks the Prefect 3 API.', 'spillway server start', 'spillway flow-run ls --json')
  for (const group of groups) {
    const command = describe(program.command(group.name), group.description, group.example, ...(group.moreExamples ?? [])).aliases(group.aliases ?? [])
    if (isLoaded(group)) (await group.load())(command, programFor)
  }
  return program
}

/** How a command stands in a list: without its other names, which its own help has. */
function subcommandTerm(command: Command): string {
  const args = command.registeredArguments.map((argument) => (argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`))
  return `${command.name()}${args.join('')}`
}

/**
 * What the first option stands for. Behind the first word the same ones belong to commands, as in `worker start -p pool` and
 * `flow serve --version 2`.
 */
export function withLongOptions(args: readonly string[]): readonly string[] {
  if (args[0] === '-p') return ['--profile', ...args.slice(1)]
  return args[0] === '--version' || args[0] === '-v' ? ['version', ...args.slice(1)] : args
}

/** Whether the answer is to be JSON, as far as that can be told before the words are understood. */
export function wantsJson(args: readonly string[]): boolean {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  return own.some((word, index) => word === '--json' || word === '--output=json' || (word === 'json' && /^(-o|--output)$/.test(own[index - 1] ?? '')))
}

function firstWord(args: readonly string[]): string | undefined {
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!
    if (withValue.has(word)) index++
    else if (!word.startsWith('-') && word !== 'help') return word
  }
  return undefined
}
