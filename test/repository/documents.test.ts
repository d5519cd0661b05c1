import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { defaultLimits, readLimits, uncountedLimits, type Limits } from '@spillway/server/limits'
import { readSettings } from '@spillway/server/settings'
import { projectFiles } from '../../packages/cli/src/init/project-files.ts'
import { pacingLimits, sdkLimits } from '../../packages/sdk/src/limits.ts'
import { listFiles, root } from './sources.ts'

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const limitNames = Object.keys(defaultLimits) as (keyof Limits)[]
const sdkLimitNames = Object.keys(sdkLimits) as (keyof typeof sdkLimits)[]
const [serverLimitsDocument = '', sdkLimitsDocument = ''] = read('docs/limits.md').split('\n## In the SDK\n')

/** Every variable that the settings and the limits look at, in the order in which they do. */
function variablesRead(): string[] {
  const seen = new Set<string>()
  const environment = new Proxy<Record<string, string | undefined>>({}, {
    get(_target, name) {
      seen.add(String(name))
      return undefined
    },
  })
  readSettings(environment)
  readLimits(environment)
  return [...seen]
}

/** Names in backticks in the first column of the tables of a document. */
function firstColumn(document: string): string[] {
  return document.split('\n').flatMap((line) => (line.startsWith('| `') ? [...(line.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]!) : []))
}

test('docs/settings.md has a row for every variable that is read, and for no other', () => {
  const documented = new Set(firstColumn(read('docs/settings.md')))
  // The services share one sentence about their alias.
  const withAliases = new Set([...documented].flatMap((name) => [name, name.replace('PREFECT_SERVER_SERVICES_', 'PREFECT_API_SERVICES_')]))
  const variables = variablesRead()
  assert.ok(variables.length > 60)
  assert.deepEqual(variables.filter((name) => !withAliases.has(name)), [])
  assert.deepEqual([...documented].filter((name) => !variables.includes(name)), [])
})

test('docs/limits.md has a row for every bound, and for no other', () => {
  assert.deepEqual(firstColumn(serverLimitsDocument).toSorted(), limitNames.toSorted())
  assert.deepEqual(firstColumn(sdkLimitsDocument).toSorted(), sdkLimitNames.toSorted())
})

test('docs/limits.md says which bounds of the SDK only pace its work', () => {
  const pacing = sdkLimitsDocument.split('\n').filter((line) => line.startsWith('| `') && line.includes('Paces')).flatMap(firstColumn)
  assert.deepEqual(pacing.toSorted(), [...pacingLimits].toSorted())
})

test('every bound of the SDK is used, and reached by a test unless it only paces its work', () => {
  const files = listFiles(['packages/sdk/src', 'test/sdk', 'test/s3'], ['.ts'])
  const text = (isTest: boolean): string => files.filter((file) => !file.endsWith('/limits.ts') && file.endsWith('.test.ts') === isTest).map(read).join('\n')
  const [code, tests] = [text(false), text(true)]
  const names = (where: string, name: string): boolean => new RegExp(`\\bsdkLimits\\.${name}\\b`).test(where)
  assert.deepEqual(sdkLimitNames.filter((name) => !names(code, name)), [])
  assert.deepEqual(sdkLimitNames.filter((name) => !pacingLimits.has(name) && !names(tests, name)), [])
})

test('the command knows every variable that is read, and docs/cli.md every group', async () => {
  const { findSetting } = await import('../../packages/cli/src/settings-catalogue.ts')
  assert.deepEqual(variablesRead().filter((name) => !findSetting(name) && !name.startsWith('PREFECT_API_SERVICES_')), [])
  const { groups } = await import('../../packages/cli/src/groups.ts')
  const documented = firstColumn(read('docs/cli.md').replaceAll(/`([a-z-]+)`/g, (_whole, name: string) => `\`${name.replaceAll('-', '_')}\``)).map((name) => name.replaceAll('_', '-'))
  assert.deepEqual(groups.map(({ name }) => name).filter((name) => !documented.includes(name)), [])
})

test('docs/limits.md says which bounds are not counted', () => {
  const uncounted = serverLimitsDocument
    .split('\n')
    .filter((line) => line.startsWith('| `') && line.includes('Not counted'))
    .map((line) => /`(\w+)`/.exec(line)?.[1])
  assert.deepEqual(uncounted.toSorted(), [...uncountedLimits].toSorted())
})

test('every counted bound is counted somewhere, and every bound is used', () => {
  const code = listFiles(['packages/server/src'], ['.ts'])
    .filter((file) => !/limits\.ts$|\.test\.ts$/.test(file))
    .map(read)
    .join('\n')
  const queues = ['stateQueue', 'readQueue', 'eventQueue', 'logQueue'] // Counted by the name of their class.
  const counted = (name: string): boolean => new RegExp(`['"]${name}['"]`).test(code) || queues.includes(name)
  assert.deepEqual(limitNames.filter((name) => !uncountedLimits.has(name) && !counted(name)), [])
  const taken = [...code.matchAll(/\{([^{}]*)\} = [\w.#]*limits\b/gi)].flatMap(([, names]) => names!.split(',').map((name) => name.trim()))
  assert.deepEqual(limitNames.filter((name) => !taken.includes(name) && !new RegExp(`\\.${name}\\b|['"]${name}['"]`).test(code)), [])
})

test('every counted bound is reached by a test', () => {
  const tests = listFiles(['test/server'], ['.test.ts']).map(read).join('\n')
  const reached = (name: string): boolean =>
    new RegExp(`testBound\\('${name}'`).test(tests) || new RegExp(`\\['${name}', [\\d_]+\\]`).test(tests)
  assert.deepEqual(limitNames.filter((name) => !uncountedLimits.has(name) && !reached(name)), [])
})

test('links between documents lead somewhere', () => {
  const broken = listFiles([''], ['.md']).flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1]!)
      .filter((target) => !existsSync(path.join(root, path.dirname(file), target)))
      .map((target) => `${file}: ${target}`),
  )
  assert.deepEqual(broken, [])
})

test('every script that the documents name is in package.json, or in that of a new project', () => {
  const versions = { spillway: '1', zod: '1', typescript: '1', nodeTypes: '1' }
  const manifests = [read('package.json'), projectFiles('new', versions)['package.json']!].map((text) => JSON.parse(text) as { scripts: Record<string, string> })
  const scripts = Object.assign({}, ...manifests.map((manifest) => manifest.scripts)) as Record<string, string>
  const named = listFiles([''], ['.md']).flatMap((file) =>
    [...read(file).matchAll(/\bnpm (?:run )?([a-z][\w:-]*)/g)]
      .map((match) => match[1]!)
      .filter((name) => !['ci', 'install', 'registry', 'packages', 'package', 's', 'workspaces'].includes(name))
      .filter((name) => !(name in scripts))
      .map((name) => `${file}: ${name}`),
  )
  assert.deepEqual(named, [])
})

test('every error that the documents list is there in the words of the code', () => {
  const code = listFiles(['packages/server/src', 'packages/cli/src'], ['.ts']).map(read).join('\n')
  const texts = [...read('docs/errors.md').matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]!)
  assert.ok(texts.length > 10)
  // `…` stands for what varies.
  const missing = texts.filter((text) => !text.split('…').map((part) => part.trim()).filter(Boolean).every((part) => code.includes(part)))
  assert.deepEqual(missing, [])
})
