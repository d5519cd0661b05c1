import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { setDefaultSession } from '../../packages/sdk/src/index.ts'
import { cleanEnvironment } from '../compat/target.ts'
import { readRunEvents, streamsByRun } from './event-streams.ts'
import { golden } from './golden-flows.ts'
import { sessionWith, startTarget } from './targets.ts'

const script = fileURLToPath(new URL('./python/golden.py', import.meta.url))

test('the events of a flow and its tasks are those of the stock client, names, order and payload', async () => {
  const { python } = await ensurePrefect('3.8.8')
  const [forPython, forTypeScript] = await Promise.all([startTarget('Spillway'), startTarget('Spillway')])
  const stock = sessionWith(forPython.apiUrl)
  await promisify(execFile)(python, [script], { env: cleanEnvironment({ ...stock.env, PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1' }), timeout: 180_000 })
  const own = sessionWith(forTypeScript.apiUrl)
  setDefaultSession(own.session)
  assert.equal(await golden(), 'done')
  const [expected, actual] = await Promise.all([stock, own].map(async ({ session }) => streamsByRun(await readRunEvents(session.remote!.client))))
  assert.deepEqual(actual!.map(({ run }) => run), expected!.map(({ run }) => run))
  for (const [index, { run, events }] of expected!.entries()) {
    assert.deepEqual(actual![index]!.events, events, `the stream of ${run} (${index})`)
  }
})
