import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { VERSION } from '../../packages/sdk/src/version.ts'
import { isTest, listFiles, readSource, root, type SourceFile } from './sources.ts'

const sources = listFiles(['packages'], ['.ts']).map(readSource)
const shipped = sources.filter((source) => !isTest(source.path))
const everything = listFiles([''], ['.ts', '.mjs', '.json', '.md', '.py', '.sql', '.yml', '.yaml', '.sh', '.txt']).filter(
  (file) => file !== 'package-lock.json',
)

/**
 * The layers, lowest first: a file may import from its own layer and from lower ones. A file belongs to the last line that
 * fits its path.
 */
const layers: readonly (readonly [layer: string, paths: RegExp])[] = [
  ['core/wire', /^core\/src\/wire\//],
  ['core/domain', /^core\/src\/domain\//],
  ['sdk', /^sdk\/src\//],
  ['ground', /^server\/src\/(access\/|[\w-]+\.ts$)/],
  ['storage', /^server\/src\/(storage\/|block-catalogue\.ts$|context\.ts$)/],
  ['operations', /^server\/src\/(commands|queries)\//],
  ['streams and services', /^server\/src\/(streams|services)\//],
  ['routes', /^server\/src\/routes\//],
  ['http', /^server\/src\/http\//],
  ['main', /^server\/src\/main\.ts$/],
  ['sdk testing', /^sdk\/src\/testing\//],
  ['cli', /^cli\/src\//],
]

/** Arrows that turn round, each with its reason. */
const exceptions: readonly { from: string; to: RegExp; kinds: readonly string[]; because: string }[] = [
  {
    from: 'packages/server/src/storage/sqlite/thread.ts',
    to: /\/(commands|queries)\/index\.ts$/,
    kinds: ['code'],
    because: "entry point of the store's threads: looks operations up by name",
  },
  {
    from: 'packages/server/src/storage/store.ts',
    to: /\/(commands|queries)\/index\.ts$/,
    kinds: ['type'],
    because: 'the types of named operations come from the registries',
  },
]

function layerOf(file: string): number {
  return layers.findLastIndex(([, paths]) => paths.test(file.replace(/^packages\//, '')))
}

function violations(check: (source: SourceFile) => readonly string[], among: readonly SourceFile[] = shipped): string[] {
  return among.flatMap((source) => check(source).map((what) => `${source.path}: ${what}`))
}

test('every file belongs to a layer', () => {
  assert.deepEqual(violations(({ path: file }) => (layerOf(file) < 0 ? ['has no layer'] : [])), [])
})

test('imports point to the same layer or a lower one', () => {
  const backwards = violations(({ path: from, imports }) =>
    imports
      .filter(({ path: to, kind }) => kind !== 'file' && layerOf(to) > layerOf(from))
      .filter(({ path: to, kind }) => !exceptions.some((known) => known.from === from && known.to.test(to) && known.kinds.includes(kind)))
      .map(({ path: to }) => `imports ${to} of the layer '${layers[layerOf(to)]?.[0]}' above it`),
  )
  assert.deepEqual(backwards, [])
})

test('every exception to the layers is still needed', () => {
  for (const { from, to } of exceptions) {
    const source = shipped.find((candidate) => candidate.path === from)
    assert.ok(source?.imports.some((target) => to.test(target.path)), from)
  }
})

test('streams and services do not import each other, nor do queries import commands', () => {
  const crossing = violations(({ path: from, imports }) =>
    imports
      .filter(({ path: to, kind }) => {
        const pair = `${/src\/(\w+)\//.exec(from)?.[1]} ${/src\/(\w+)\//.exec(to)?.[1]}`
        return pair === 'streams services' || pair === 'services streams' || (pair === 'queries commands' && kind === 'code')
      })
      .map(({ path: to }) => `imports ${to}`),
  )
  assert.deepEqual(crossing, [])
})

test('neither the server nor the SDK imports the other; only the testing harness starts a server', () => {
  const crossing = violations(({ path: from, imports }) =>
    imports
      .filter(({ path: to }) => {
        if (from.startsWith('packages/server/')) return to.startsWith('packages/sdk/')
        return from.startsWith('packages/sdk/') && !from.startsWith('packages/sdk/src/testing/') && to.startsWith('packages/server/')
      })
      .map(({ path: to }) => `imports ${to}`),
  )
  assert.deepEqual(crossing, [])
})

test('no files import each other in a circle', () => {
  const byPath = new Map(shipped.map((source) => [source.path, source]))
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '))
    if (done.has(file) || way.includes(file)) return
    for (const { path: to, kind } of byPath.get(file)?.imports ?? []) if (kind === 'code') visit(to, [...way, file])
    done.add(file)
  }
  for (const { path: file } of shipped) visit(file, [])
  assert.deepEqual(circles, [])
})

test('core imports nothing of Node', () => {
  const inCore = shipped.filter(({ path: file }) => file.startsWith('packages/core/'))
  assert.deepEqual(violations(({ externals }) => externals.filter((name) => name.startsWith('node:')), inCore), [])
})

test('the domain reads no clock and rolls no dice', () => {
  const domain = shipped.filter(({ path: file }) => file.startsWith('packages/core/src/domain/'))
  const impure = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.|\bMath\.random\(|\bcrypto\.|\bprocess\.|\bsetTimeout\(|\bsetInterval\(/g
  assert.deepEqual(violations(({ text }) => withoutComments(text).match(impure) ?? [], domain), [])
})

test('no file is longer than 450 lines', () => {
  const long = violations(({ text }) => {
    const lines = text.split('\n').length
    return lines > 450 ? [`${lines} lines`] : []
  })
  // Prefect's settings are one list as long as the list is; schemas hold nothing that a second file would make clearer. Nobody edits what is generated.
  const lists = ['packages/core/src/wire/settings/server.ts', 'packages/sdk/src/client/generated/']
  assert.deepEqual(
    long.filter((line) => !lists.some((list) => line.startsWith(list))),
    [],
  )
})

/** What is run or imported from outside: the command, and what the packages export. */
const entryPoints = [
  'packages/cli/src/main.ts',
  ...['index', 'client', 'testing'].map((name) => `packages/cli/src/exports/${name}.ts`),
  ...['index', 'client/index', 'testing/index'].map((name) => `packages/sdk/src/${name}.ts`),
]

/** Rules that are finished and tested before anything calls them. */
const beforeTheirCallers = ['packages/core/src/domain/templated-parameters.ts']

test('every file can be reached from an entry point, and every test helper from a test', () => {
  const entries = [...entryPoints, ...sources.filter((source) => source.path.endsWith('.test.ts')).map((source) => source.path)]
  const others = listFiles(['test', 'bench'], ['.ts', '.mjs']).map(readSource)
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const fromProgram = reach(entryPoints, byPath)
  const unreached = shipped.filter(({ path: file }) => !fromProgram.has(file)).map(({ path: file }) => file)
  assert.deepEqual(unreached, beforeTheirCallers)
  const fromTests = reach([...entries, ...others.flatMap((source) => source.imports.map((target) => target.path))], byPath)
  assert.deepEqual(sources.filter(({ path: file }) => !fromTests.has(file)).map(({ path: file }) => file), [])
})

function reach(from: readonly string[], byPath: ReadonlyMap<string, SourceFile>): ReadonlySet<string> {
  const reached = new Set<string>()
  const left = [...from]
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    for (const target of byPath.get(file)?.imports ?? []) left.push(target.path)
  }
  return reached
}

test('operations have names of their own, whatever noun they belong to', async () => {
  const seen = new Map<string, string>()
  const twice: string[] = []
  for (const folder of ['commands', 'queries']) {
    const files = shipped.filter(({ path: file }) => file.startsWith(`packages/server/src/${folder}/`) && !file.endsWith('/index.ts'))
    for (const { path: file, text } of files) {
      if (!/^export const \w+(?:Commands|Queries)\b/m.test(text)) continue
      const module = (await import(path.join(root, file))) as Record<string, unknown>
      for (const [name, registry] of Object.entries(module)) {
        if (!/(?:Commands|Queries)$/.test(name)) continue
        for (const operation of Object.keys(registry as object)) {
          const other = seen.get(operation)
          if (other) twice.push(`${operation}: ${other} and ${file}`)
          seen.set(operation, file)
        }
      }
    }
  }
  assert.deepEqual(twice, [])
  assert.ok(seen.size > 20)
})

test('no file holds a path or an address of one machine', () => {
  // Put together here, or this file would find itself.
  const marks = [['', 'work', 'main'], ['', 'work', 'shared'], ['', 'root', ''], ['', 'home', '\\w+', ''], ['', 'Users', '']]
  const expression = new RegExp(`${marks.map((parts) => parts.join('/')).join('|')}|https?://registry\\.|\\.pkg\\.dev|artifactory|\\b10\\.\\d+\\.\\d+\\.\\d+:\\d+`, 'i')
  const found = everything
    .filter((file) => file !== 'test/repository/tidy.test.ts')
    .flatMap((file) => {
      const hit = expression.exec(readFileSync(path.join(root, file), 'utf8'))
      return hit ? [`${file}: ${hit[0]}`] : []
    })
  assert.deepEqual(found, [])
})

test('nothing is left open, and no test is singled out or switched off', () => {
  const open = new RegExp(['TO', 'DO\\b|FIX', 'ME\\b|\\bX', 'XX\\b|for ', 'now\\b(?! it)|\\.on', 'ly\\('].join(''))
  const found = listFiles(['packages', 'test', 'bench', 'scripts'], ['.ts', '.mjs'])
    .flatMap((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (open.test(line) && !/refused for /.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    )
    .filter((line) => !line.startsWith('test/repository/tidy.test.ts'))
  assert.deepEqual(found, [])
})

test('packages have the same version, a licence, and exact versions of what they use', () => {
  const manifests = ['package.json', ...['core', 'server', 'sdk', 'cli'].map((name) => `packages/${name}/package.json`)]
  const versions = new Set<string>()
  for (const file of manifests) {
    const manifest = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, unknown>
    assert.equal(manifest['license'], 'Apache-2.0', file)
    assert.ok((manifest['engines'] as Record<string, string> | undefined)?.['node'], `${file} names its Node`)
    if (file !== 'package.json') versions.add(String(manifest['version']))
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      for (const [name, version] of Object.entries((manifest[kind] ?? {}) as Record<string, string>)) {
        // What users bring themselves, in the version that the rest of their program needs, is a range.
        const isTheirs = kind === 'peerDependencies' && !name.startsWith('@spillway/')
        assert.match(version, isTheirs ? /^\^\d+\.\d+\.\d+$/ : /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${file}: ${name}`)
      }
    }
  }
  assert.deepEqual([...versions], [VERSION], 'the SDK tells the version that it has')
})

test('the lock file names no registry', () => {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { resolved?: string; link?: boolean }> }
  const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved && !entry.link)
  assert.deepEqual(resolved.map(([name]) => name), [])
})

test('the licence is there in full', () => {
  const licence = readFileSync(path.join(root, 'LICENSE'), 'utf8')
  assert.match(licence, /Apache License\s+Version 2\.0, January 2004/)
  assert.match(licence, /END OF TERMS AND CONDITIONS/)
})

/** Code without comments, roughly: texts that hold comment marks are cut too, which only hides them from the checks. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
}
