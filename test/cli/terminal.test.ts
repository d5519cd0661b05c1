/** What a terminal gets and a pipe does not: colours, tables that fit, questions. `script` makes the terminal. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { liveFixture, repository } from './lib/command.ts'
import { inTerminal, keys, type TerminalOptions } from './lib/terminal.ts'

const spillway = await liveFixture()
const { client } = spillway.server.session.remote!
const long = `a-flow-with-a-name-that-goes-on-and-on-${'x'.repeat(60)}`
const { id: flowId } = await client.createFlow(long)
const { id: runId } = await client.createFlowRun({ flow_id: flowId, name: 'terminal', state: { type: 'COMPLETED', name: 'Completed' }, idempotency_key: 'terminal' })

const onTerminal = (args: string, options: TerminalOptions = {}): ReturnType<typeof inTerminal> =>
  inTerminal(args, { ...options, env: { HOME: spillway.home, SPILLWAY_HOME: spillway.home, PREFECT_API_URL: spillway.server.apiUrl, ...options.env } })

test('a table fits the terminal, whole in what people copy, and is coloured there alone', async () => {
  const [narrow, plain, piped] = await Promise.all([
    onTerminal('flow-run ls', { columns: 90 }),
    onTerminal('flow-run ls', { columns: 90, env: { NO_COLOR: '1' } }),
    spillway.ok(['flow-run', 'ls'], { env: { NO_COLOR: '' } }),
  ])
  assert.ok(narrow.output.includes('\u001B[32mCompleted'), 'coloured')
  const line = stripVTControlCharacters(narrow.output).split('\n').find((one) => one.startsWith(runId)) ?? ''
  assert.ok(line.length <= 90 && line.length > 70, `${line.length}`)
  assert.match(line, /a-flow-with-a-.*… {2}terminal {2}Completed/)
  assert.ok(!plain.output.includes('\u001B['))
  assert.ok(!piped.includes('\u001B[') && piped.includes(long))
})

test('a question is asked on a terminal, and its answer counts', async () => {
  const no = await onTerminal('flow-run delete terminal', { typed: [[/\[y\/N\]: $/, 'n\r']] })
  assert.match(no.output, /Delete the flow run 'terminal' \([0-9a-f-]{36}\) with its task runs and logs\? \[y\/N\]: /)
  assert.match(no.output, /Nothing was changed\./)
  assert.equal((await client.readFlowRun(runId)).id, runId)
  const yes = await onTerminal('flow-run delete terminal', { typed: [[/\[y\/N\]: $/, 'y\r']] })
  assert.match(yes.output, /is deleted/)
  assert.equal((await client.filterFlowRuns({ flow_runs: { id: { any_: [runId] } } })).length, 0)
})

test('what is missing of a deployment is asked for: the flow, its name, and its pool, which is made where there is none', async () => {
  const cwd = path.join(repository, 'test/cli')
  const { text, code } = await onTerminal('deploy', {
    cwd,
    typed: [
      [/Which flow is to be deployed\?[^]*countWords/, keys.down + keys.enter],
      [/How shall the deployment of flows\/deployed\.ts:failing be called\?/, keys.enter],
      [/There is no work pool yet/, `asked${keys.enter}`],
    ],
  })
  assert.equal(code, 0, text)
  assert.match(text, /Deployed 'failing\/default'/)
  const made = await client.findDeployment('failing', 'default')
  assert.deepEqual([made?.work_pool_name, made?.entrypoint], ['asked', 'flows/deployed.ts:failing'])
  assert.equal((await client.readWorkPool('asked')).type, 'process')
})

test('the deployment of a file, and the pool among those there are, are chosen with the arrow keys', async () => {
  await client.createWorkPool({ name: 'second', type: 'process' })
  writeFileSync(path.join(spillway.home, 'several.yaml'), 'deployments:\n  - { name: one, entrypoint: "flows/deployed.ts:countWords" }\n  - { name: two, entrypoint: "flows/deployed.ts:failing" }\n')
  const { text, code } = await onTerminal(`deploy --prefect-file ${spillway.home}/several.yaml`, {
    cwd: path.join(repository, 'test/cli'),
    typed: [
      [/Which deployment of [^]*all of them/, keys.down + keys.enter],
      [/Which work pool\?[^]*second/, keys.down + keys.enter],
    ],
  })
  assert.equal(code, 0, text)
  assert.equal((await client.findDeployment('failing', 'two'))?.work_pool_name, 'second')
})

test('a work pool is asked for its name and type, and Ctrl-C changes nothing', async () => {
  const made = await onTerminal('work-pool create', {
    typed: [
      [/How shall the work pool be called\?/, `chosen${keys.enter}`],
      [/How shall its workers run things\?[^]*process/, keys.enter],
    ],
  })
  assert.equal(made.code, 0, made.text)
  assert.equal((await client.readWorkPool('chosen')).type, 'process')
  const left = await onTerminal('work-pool create given-up', { typed: [[/How shall its workers run things\?/, keys.ctrlC]] })
  assert.equal(left.code, 130, left.text)
  assert.match(left.text, /Nothing was changed/)
  assert.equal(await client.findWorkPool('given-up'), undefined)
})

test('a worker asks before it makes a pool that may be mistyped, and which deployment is to be run can be chosen', async () => {
  const no = await onTerminal('worker start --pool secnod', { typed: [[/There is no work pool 'secnod'\. \(There is 'second'\.\) Make it, of type process\?/, 'n']] })
  assert.equal(no.code, 1, no.text)
  assert.equal(await client.findWorkPool('secnod'), undefined)
  const yes = await onTerminal('worker start --pool third --run-once', { typed: [[/There is no work pool 'third'/, keys.enter]] })
  assert.equal(yes.code, 0, yes.text)
  assert.equal((await client.readWorkPool('third')).type, 'process')
  const run = await onTerminal('deployment run', { typed: [[/Which deployment\?[^]*failing\/two/, keys.enter]] })
  assert.match(run.text, /Created flow run '.*' of 'failing\/default'/)
})

test('with --no-prompt, and in continuous integration, what is missing is an error on a terminal too', async () => {
  const [quiet, ci] = await Promise.all([onTerminal('work-pool create x --no-prompt'), onTerminal('work-pool create x', { env: { CI: 'true' } })])
  for (const { code, text } of [quiet, ci]) {
    assert.equal(code, 2, text)
    assert.match(text, /--type is missing\.[^]*process/)
  }
})
