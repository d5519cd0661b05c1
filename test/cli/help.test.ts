import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { groups } from '../../packages/cli/src/groups.ts'
import { programFor, wholeProgram } from '../../packages/cli/src/program.ts'
import { commandFixture, repository } from './lib/command.ts'

type Command = Awaited<ReturnType<typeof wholeProgram>>

const program = await wholeProgram()
const commands = [...tree(program, [])]
const spillway = commandFixture()

function* tree(command: Command, way: readonly string[]): Generator<{ command: Command; words: string }> {
  const words = [...way, command.name()]
  yield { command, words: words.join(' ') }
  for (const inner of command.commands) if (inner.name() !== 'help') yield* tree(inner, words)
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) })
  command.outputHelp()
  return text
}

test('the help of every command says what it does and shows an example of it', () => {
  assert.ok(commands.length > 120)
  const faults = commands.flatMap(({ command, words }) => {
    const example = helpOf(command).split(/^Examples?:$/m)[1]?.match(/^ {2}\$ .+$/gm) ?? []
    return [
      ...(command.description().length > 5 ? [] : [`${words} has no description`]),
      ...(example.some((line) => line.includes(words)) ? [] : [`${words} has no example`]),
    ]
  })
  assert.deepEqual(faults, [])
})

test('the examples in the help are commands that exist, with options that they take', () => {
  const faults = commands.flatMap(({ command }) =>
    (helpOf(command).split(/^Examples?:$/m)[1]?.match(/^ {2}\$ .+$/gm) ?? []).flatMap((line) => {
      const [, ...words] = line.replace(/^.*?\bspillway /, 'spillway ').split(/ [|>] /)[0]!.split(' ')
      let called = program
      for (const word of words) called = called.commands.find((inner) => inner.name() === word || inner.aliases().includes(word)) ?? called
      const known = [...called.options, ...program.options].flatMap(({ short, long, negate }) => [short, long, negate ? long?.replace('--no-', '--') : long])
      return words.filter((word) => /^--?[a-z]/.test(word) && word !== '--help' && !known.includes(word.split('=')[0])).map((word) => `${line.trim()}: ${word}`)
    }),
  )
  assert.deepEqual(faults, [])
})

test('every command that does something describes its arguments and options', () => {
  const faults = commands.flatMap(({ command, words }) => command.options.filter(({ description, hidden }) => !description && !hidden).map(({ flags }) => `${words} ${flags}`))
  assert.deepEqual(faults, [])
})

test('every file of a group is in the list of groups', () => {
  const files = readdirSync(path.join(repository, 'packages/cli/src/commands')).filter((file) => !file.endsWith('.test.ts'))
  const listed = groups.map(({ load }) => /commands\/([\w-]+\.ts)/.exec(String(load))?.[1])
  assert.deepEqual(files.filter((file) => !listed.includes(file)), [])
})

test('every command is run by a test', () => {
  const tests = readdirSync(path.join(repository, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(cli|packages)\/.*\.ts$/.test(file))
    .map((file) => readFileSync(path.join(repository, 'test', file), 'utf8'))
  const called = ({ command }: { command: Command }): boolean => {
    const words: string[][] = []
    for (let one: Command | null = command; one?.parent; one = one.parent) words.push([one.name(), ...one.aliases()])
    return tests.some((text) => words.every((names) => names.some((name) => text.includes(`'${name}'`) || text.includes(`spillway ${name}`))))
  }
  const untested = commands.filter((one) => one.command.commands.length === 0 && !called(one))
  assert.deepEqual(untested.map(({ words }) => words), [])
})

test('only the group that is called is loaded', async () => {
  const loaded = (await programFor(['--profile', 'x', 'flow', 'ls'])).commands.filter((group) => group.commands.length > 0)
  assert.deepEqual(loaded.map((group) => group.name()), ['flow'])
})

test('the help of the command names all groups, on stdout, with exit code 0', async () => {
  const help = await spillway.ok(['--help'])
  for (const { name } of groups) assert.match(help, new RegExp(`^ {2}${name}\\b`, 'm'))
})

test('a word that does not exist is a usage error that suggests the near one', async () => {
  const { code, stderr, stdout } = await spillway.run(['flwo', 'ls'])
  assert.equal(code, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /unknown command 'flwo'/)
  assert.match(stderr, /Did you mean flow\?/)
})
