import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { flow, MissingResultError, runDeployment, saveBlock, setDefaultSession, type ApiClient } from '../../packages/sdk/src/index.ts'
import { cleanEnvironment } from '../compat/target.ts'
import { eventually } from '../faults/eventually.ts'
import { start, startProgram } from './processes.ts'
import { sessionWith, startTarget } from './targets.ts'

const here = path.dirname(fileURLToPath(import.meta.url))

describe('TypeScript and Python call each other', () => {
  let client: ApiClient
  let env: Record<string, string>
  let python: string
  /** The folder of a storage block that both know. */
  let shared: string

  before(async () => {
    const prefect = await ensurePrefect('3.8.8')
    python = prefect.python
    const target = await startTarget('Spillway')
    const own = sessionWith(target.apiUrl)
    setDefaultSession(own.session)
    client = own.session.remote!.client
    env = {
      ...own.env,
      PREFECT_RUNNER_POLL_FREQUENCY: '1',
      PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
      DO_NOT_TRACK: '1',
      PATH: `${path.dirname(python)}${path.delimiter}${process.env['PATH'] ?? ''}`,
    }
    shared = path.join(own.session.settings.resultsFolder, 'shared')
    await saveBlock('local-file-system/shared', { basepath: shared })
    startProgram(path.join(here, 'flows/served.ts'), env)
    start(python, [path.join(here, 'python/served.py')], env)
    for (const name of ['ts-broken', 'py-greets', 'py-fails']) await eventually(async () => (await client.findDeployment(name, 'test')) !== undefined, `${name} to be served`, 120)
  })

  test('a Python flow is called, its JSON result is read, and it shows in the graph of its caller', async () => {
    const main = flow({ name: 'calls-python' }, async () => {
      const run = await runDeployment<{ greeting: string }>('py-greets/test', { name: 'dam', times: 2 })
      return await run.result()
    })
    assert.deepEqual(await main(), { greeting: 'Hello Hello dam' })
    const [parent] = await client.filterFlowRuns({ flows: { name: { any_: ['calls-python'] } } })
    const [tracking] = await client.filterTaskRuns({ flow_runs: { id: { any_: [parent!.id] } } })
    const [child] = await client.filterFlowRuns({ flows: { name: { any_: ['py-greets'] } } })
    assert.equal(child?.parent_task_run_id, tracking?.id)
    assert.equal(tracking?.state_name, 'Completed')
  })

  test('a result that only pickle could write is an error that names the remedy, and a failed run one that tells why', async () => {
    const [pickled, failed] = await Promise.all([runDeployment('py-pickles/test'), runDeployment('py-fails/test')])
    assert.equal(pickled.state?.name, 'Completed')
    await assert.rejects(pickled.result(), (error: Error) => error instanceof MissingResultError && /result_serializer="json"/.test(error.message))
    await assert.rejects(failed.result(), /ValueError: as expected/)
  })

  test('the same call by the stock client gives what was pickled', async () => {
    const { stdout } = await promisify(execFile)(python, [path.join(here, 'python/calls_pickled.py')], { env: cleanEnvironment(env), timeout: 120_000 })
    const line = stdout.split('\n').find((one) => one.startsWith('RESULT '))
    assert.deepEqual(JSON.parse(line!.slice(7)), { state: 'Completed', result: { greeting: 'only Python reads this' } })
  })

  test('a TypeScript flow is called from Python, which reads its result', async () => {
    const { stdout } = await promisify(execFile)(python, [path.join(here, 'python/calls.py')], { env: cleanEnvironment(env), timeout: 120_000 })
    const line = stdout.split('\n').find((one) => one.startsWith('RESULT '))
    assert.deepEqual(JSON.parse(line!.slice(7)), { state: 'Completed', result: { value: 8, label: 'from Python' } })
    const stored = stdout.split('\n').find((one) => one.startsWith('STORED '))
    assert.deepEqual(JSON.parse(stored!.slice(7)), { stored: 'from Python' })
  })

  test('a result that Python keeps in a storage block is read from there', async () => {
    const before = readdirSync(shared).length
    const run = await runDeployment('py-stores/test', { name: 'from TypeScript' })
    assert.deepEqual(await run.result(), { stored: 'from TypeScript' })
    assert.equal(readdirSync(shared).length, before + 1)
  })
})
