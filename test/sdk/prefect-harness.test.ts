// `prefectServer()` of the testing harness with the real Prefect, and without it.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { flow, task, SpillwayError } from '../../packages/sdk/src/index.ts'
import { prefectServer } from '../../packages/sdk/src/testing/index.ts'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { makeTempDir } from '../compat/target.ts'
import { eventually } from '../faults/eventually.ts'
import { atEnd } from './at-end.ts'

const double = task({ name: 'double' }, (x: number) => 2 * x)
const main = flow({ name: 'of-the-harness' }, async ({ x }: { x: number }) => await double(x))

describe('prefectServer()', { timeout: 240_000 }, () => {
  test('starts the Prefect of a Python environment, is the server of this process, and leaves nothing when it is closed', async () => {
    const { python } = await ensurePrefect('3.8.8')
    const server = await prefectServer({ python, startTimeout: '3m', env: { PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED: 'false' } })
    const { client } = server.session.remote!
    const home = path.dirname(server.session.settings.resultsFolder)
    assert.ok(existsSync(path.join(home, 'prefect.db')))
    server.faults.http(503, { times: 2, path: '/flow_runs' })
    assert.equal(await main({ x: 21 }), 42)
    const [run] = await client.filterFlowRuns({ flows: { name: { any_: ['of-the-harness'] } } })
    assert.equal(run?.state_name, 'Completed')
    await eventually(async () => (await client.filterTaskRuns({ flow_runs: { id: { any_: [run!.id] } } }))[0]?.state_name === 'Completed', 'the task run to be recorded', 60)
    await server.close()
    assert.ok(!existsSync(home))
    await assert.rejects(fetch(`${server.apiUrl}/health`))
  })

  test('says what to do where Prefect is not installed', async () => {
    const isMissing = (error: unknown): boolean => error instanceof SpillwayError && error.code === 'prefect-missing' && /pip install prefect/.test(error.message)
    await assert.rejects(prefectServer({ command: '/nowhere/prefect' }), isMissing)
    await assert.rejects(prefectServer({ python: program('echo "python: No module named prefect" >&2; exit 1') }), isMissing)
  })

  test('says what a server has printed that does not start', async () => {
    const notStarted = (pattern: RegExp) => (error: unknown): boolean => error instanceof SpillwayError && error.code === 'prefect-not-started' && pattern.test(error.message)
    await assert.rejects(prefectServer({ command: program('echo "the disk is full"; exit 3') }), notStarted(/ended before it answered[^]*the disk is full/))
    await assert.rejects(prefectServer({ command: program('echo waiting; exec sleep 100'), startTimeout: '1s' }), notStarted(/not answered within 1 s[^]*waiting/))
  })
})

/** A program of some lines of shell, in place of Python or Prefect. */
function program(lines: string): string {
  const folder = makeTempDir('program')
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'program')
  writeFileSync(file, `#!/bin/sh\n${lines}\n`)
  chmodSync(file, 0o755)
  return file
}
