import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import type { ApiClient } from '../../packages/sdk/src/index.ts'
import { cleanEnvironment } from '../compat/target.ts'
import { eventually } from '../faults/eventually.ts'
import { atEnd } from '../sdk/at-end.ts'
import { start } from '../sdk/processes.ts'
import { sessionWith, startTarget } from '../sdk/targets.ts'
import { run } from './lib/install.ts'
import { root } from './lib/packed.ts'

const right = `
import { deployments } from './deployments.generated.ts'

const run = await deployments['rich/test'].run<Record<string, unknown>>(
  {
    source: { kind: 'bucket', name: 'dam', 'path-style': true },
    day: '2026-01-01',
    corner: [7, 'north'],
    mode: 'safe',
    level: 'most',
    limits: { pumps: 3 },
    tree: { name: 'root', children: [{ name: 'a' }, { name: 'b', children: [] }] },
    tags: ['x', 'y'],
    patience: 'PT2M',
    anything: { goes: true },
  },
  { timeout: '4m' },
)
const short = await deployments['rich/test'].run({ source: { kind: 'folder', path: '/tmp' }, day: '2026-01-02', corner: [1, 'a'] }, { wait: false })
const plain = await deployments['plain/test'].run<string>()
console.log(JSON.stringify([await run.result(), typeof short.id, await plain.result()]))
process.exit() // The session of the process keeps its connections.
`

/** Each line is a call that must not compile, and what the compiler says about it. */
const wrong: readonly (readonly [parameters: string, complaint: RegExp])[] = [
  ["{ ...good, day: 7 }", /'number' is not assignable to type 'string'/],
  ["{ ...good, mode: 'slow' }", /'"slow"' is not assignable to type 'RichTestMode/],
  ["{ ...good, level: 3 }", /'3' is not assignable to type '("most"|1|2|[ |]+)+'/],
  ["{ ...good, corner: [7] }", /'\[number\]' is not assignable to type '\[number, string\]'/],
  ["{ ...good, limits: { pumps: 'three' } }", /'string' is not assignable to type 'number'/],
  ["{ ...good, nots: 'misspelt' }", /'nots' does not exist in type 'RichTestParameters'/],
  ["{ ...good, source: { kind: 'bucket' } }", /Property 'name' is missing/],
  ["{ ...good, source: { kind: 'tape', name: 'x' } }", /'"tape"' is not assignable to type/],
  ["{ ...good, tree: { name: 'root', children: [{ nam: 'a' }] } }", /'nam' does not exist|Did you mean to write 'name'/],
  ["{ source: good.source, day: good.day }", /Property 'corner' is missing/],
  ['', /Expected 1-2 arguments, but got 0/],
]

describe('spillway generate, for deployments that a stock Python client serves', () => {
  const cache = path.join(root, '.cache')
  mkdirSync(cache, { recursive: true })
  // Inside the repository, where the compiler finds the SDK.
  const folder = mkdtempSync(path.join(cache, 'generated-'))
  const file = path.join(folder, 'deployments.generated.ts')
  let env: Record<string, string>
  let client: ApiClient

  const spillway = async (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    await run(process.execPath, ['--conditions=spillway-source', path.join(root, 'packages/cli/src/main.ts'), ...args], { cwd: folder, env: cleanEnvironment(env) })
  const compile = async (): Promise<string> =>
    await run(path.join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--noEmit'], { cwd: folder, env: cleanEnvironment({}) }).then(() => '', (error: { stdout: string }) => error.stdout)

  before(async () => {
    atEnd(() => rmSync(folder, { recursive: true, force: true }))
    const { python } = await ensurePrefect('3.8.8')
    const target = await startTarget('Spillway')
    const own = sessionWith(target.apiUrl)
    client = own.session.remote!.client
    env = { ...own.env, PREFECT_RUNNER_POLL_FREQUENCY: '1', PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1' }
    start(python, [fileURLToPath(new URL('python/rich_parameters.py', import.meta.url))], env)
    for (const name of ['rich', 'plain']) await eventually(async () => (await client.findDeployment(name, 'test')) !== undefined, `${name}/test to be served`, 120)
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
  })

  test('writes the same file each time, and --check tells whether it is what the deployments are', async () => {
    await assert.rejects(spillway('generate', '--check'), /deployments\.generated\.ts is not there/)
    assert.match((await spillway('generate')).stdout, /is written: 2 deployments/)
    const first = readFileSync(file, 'utf8')
    assert.deepEqual(JSON.parse((await spillway('generate', '--json')).stdout), { file, deployments: ['plain/test', 'rich/test'], changed: false })
    assert.equal(readFileSync(file, 'utf8'), first)
    assert.match((await spillway('generate', '--check')).stdout, /is up to date/)
    await assert.rejects(spillway('generate', '--check', '--deployment', 'rich/test'), (error: { code: number; stderr: string }) =>
      error.code === 1 && /is not what the deployments are now[^]*spillway generate --out deployments\.generated\.ts --deployment rich\/test/.test(error.stderr))
    await assert.rejects(spillway('generate', '--deployment', 'rihc/test'), (error: { code: number; stderr: string }) => error.code === 3 && /Did you mean 'rich\/test'/.test(error.stderr))
    assert.equal(readFileSync(file, 'utf8'), first)
  })

  test('what the deployment gives by itself is optional, and what it keeps secret is not written down', () => {
    const text = readFileSync(file, 'utf8')
    assert.match(text, /export type PlainTestParameters = \{\n {2}\/\*\* Default: "done" \*\/\n {2}word\?: string\n {2}\/\*\* Format: password\. \*\/\n {2}token\?: string\n\}/)
    assert.ok(!text.includes('not-for-files'))
  })

  test('right parameters compile, wrong ones do not, and the compiler says which one is wrong', async () => {
    const head = `import { deployments } from './deployments.generated.ts'\nconst good = { source: { kind: 'folder', path: '/tmp' }, day: '2026-01-01', corner: [1, 'a'] } as const satisfies Parameters<(typeof deployments)['rich/test']['run']>[0]\n`
    writeFileSync(path.join(folder, 'right.ts'), right)
    writeFileSync(path.join(folder, 'wrong.ts'), `${head}${wrong.map(([parameters]) => `await deployments['rich/test'].run(${parameters})\n`).join('')}`)
    const complaints = await compile()
    for (const [index, [parameters, complaint]] of wrong.entries()) {
      // Each complaint begins with its place, and goes on in indented lines.
      const said = new RegExp(`wrong\\.ts\\(${index + 3},[^]*?(?=\\n\\S|$)`).exec(complaints)?.[0] ?? ''
      assert.match(said, complaint, parameters)
    }
    assert.deepEqual(complaints.split('\n').filter((line) => /^\S/.test(line) && !/^wrong\.ts\((?:[3-9]|1\d),/.test(line)), [])
  })

  test('a run goes through on stock Python, and its JSON result is read', async () => {
    const { stdout } = await run(process.execPath, ['--conditions=spillway-source', path.join(folder, 'right.ts')], { cwd: folder, env: cleanEnvironment(env) })
    const result = {
      source: 'Bucket bucket', day: '2026-01-01', corner: [7, 'north'], mode: 'safe', level: 'most', limits: { pumps: 3 },
      note: null, leaves: ['a', 'b'], tags: ['x', 'y'], patience: 120,
    }
    assert.deepEqual(JSON.parse(stdout), [result, 'string', 'done'])
  })
})
