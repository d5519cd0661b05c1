import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { runBackgroundTask, setDefaultSession } from '../../packages/sdk/src/index.ts'
import { cleanEnvironment } from '../compat/target.ts'
import { eventually } from '../faults/eventually.ts'
import { doubled, serving } from './background-tasks.ts'
import { start } from './processes.ts'
import { sessionWith, startTarget, type TestSession } from './targets.ts'

const backgroundFile = fileURLToPath(new URL('python/background.py', import.meta.url))

describe('background tasks of TypeScript and Python', () => {
  let own: TestSession
  let python: string
  let env: Record<string, string>

  before(async () => {
    python = (await ensurePrefect('3.8.8')).python
    own = sessionWith((await startTarget('Spillway')).apiUrl)
    env = { ...own.env, PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1', PATH: `${path.dirname(python)}${path.delimiter}${process.env['PATH'] ?? ''}` }
  })

  test('a stock task worker runs what TypeScript leaves to it, and its JSON result is read', async () => {
    setDefaultSession(own.session)
    const worker = start(python, [backgroundFile, 'serve'], env)
    let keys: string[] = []
    await eventually(() => (keys = /^KEYS (\S+) (\S+)$/m.exec(worker.output())?.slice(1) ?? []).length === 2, 'the keys of the Python tasks', 60)
    const run = await runBackgroundTask<{ greeting: string }>(keys[0]!, { name: 'dam', times: 2 })
    assert.deepEqual(await run.result({ timeout: '60s' }), { greeting: 'Hello Hello dam' })
    const when = new Date('2026-01-02T03:04:05.678Z')
    const described = await runBackgroundTask(keys[1]!, { when, ids: new Set([1, 2]), big: 9007199254740993n, sizes: new Map([['a', 1]]) })
    assert.deepEqual(await described.result({ timeout: '60s' }), { kinds: ['datetime', 'set', 'int', 'dict'], when, ids: new Set([1, 2]), bigger: 9007199254740994n })
  })

  test('TypeScript runs what Python leaves to it; arguments that only pickle could write fail with the remedy', async (t) => {
    setDefaultSession(own.session)
    serving(t, [doubled])
    const { stdout } = await promisify(execFile)(python, [backgroundFile, 'delay'], { env: cleanEnvironment(env), timeout: 120_000 })
    const { result, pickled } = JSON.parse(stdout.split('\n').find((one) => one.startsWith('RESULT '))!.slice(7)) as { result: unknown; pickled: [string, string] }
    assert.deepEqual(result, { value: 8, label: 'from Python' })
    assert.equal(pickled[0], 'Failed')
    assert.match(pickled[1], /result_serializer="json"/)
  })
})
