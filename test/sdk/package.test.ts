import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = path.join(root, 'packages/sdk')

before(() => {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' })
})

test('what is published is built code with its types, without tests, and small', () => {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }).toString()) as [{ unpackedSize: number; files: { path: string }[] }]
  const files = packed.files.map((file) => file.path)
  for (const wanted of ['dist/index.js', 'dist/index.d.ts', 'dist/runner/child.js', 'dist/concurrency/lease-thread.js', 'dist/testing/index.d.ts']) assert.ok(files.includes(wanted), wanted)
  assert.deepEqual(files.filter((file) => /\.test\.|fixture|(?<!\.d)\.ts$/.test(file)), [])
  assert.ok(packed.unpackedSize < 1_000_000, String(packed.unpackedSize))
})

test('it depends on little: the core, undici and ws', () => {
  const { dependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  assert.deepEqual(Object.keys(dependencies), ['@spillway/core', 'undici', 'ws'])
})

test('the built package runs a flow from plain JavaScript, and loads in a small multiple of what its HTTP library takes', (t) => {
  const work = mkdtempSync(path.join(tmpdir(), 'spillway-package-'))
  t.after(() => rmSync(work, { recursive: true, force: true }))
  const script = path.join(work, 'flow.mjs')
  const env = { PATH: process.env['PATH'] ?? '', PREFECT_HOME: work }
  writeFileSync(script, `
    import { createRequire } from 'node:module'
    import { pathToFileURL } from 'node:url'
    const require = createRequire(${JSON.stringify(path.join(root, 'examples/x.js'))})
    const startMs = performance.now()
    await import(pathToFileURL(require.resolve('undici')).href)
    const undiciMs = performance.now() - startMs
    const { flow, task } = await import(${JSON.stringify(new URL(`file://${path.join(folder, 'dist/index.js')}`).href)})
    const allMs = performance.now() - startMs
    const double = task({ name: 'double' }, (x) => x * 2)
    const main = flow({ name: 'main' }, async ({ x }) => await double(x))
    console.log(JSON.stringify({ value: await main({ x: 21 }), undiciMs, allMs }))
  `)
  const printed = JSON.parse(execFileSync(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'ignore'] }).toString()) as { value: number; undiciMs: number; allMs: number }
  assert.equal(printed.value, 42)
  assert.ok(printed.allMs < printed.undiciMs * 5 + 100, JSON.stringify(printed))
})
