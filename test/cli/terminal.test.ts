/** What a terminal gets and a pipe does not: colours, tables that fit, questions. `script` makes the terminal. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { liveFixture, repository } from './lib/command.ts'

const spillway = await liveFixture()
const { client } = spillway.server.session.remote!
const long = `a-flow-with-a-name-that-goes-on-and-on-${'x'.repeat(60)}`
const { id: flowId } = await client.createFlow(long)
const { id: runId } = await client.createFlowRun({ flow_id: flowId, name: 'terminal', state: { type: 'COMPLETED', name: 'Completed' }, idempotency_key: 'terminal' })

/** Runs the command in a terminal of so many columns, and types. */
async function inTerminal(args: string, { columns = 100, typed = '', env = {} as Record<string, string> } = {}): Promise<{ output: string; code: number | null }> {
  const command = `stty cols ${columns}; '${process.execPath}' --conditions=spillway-source '${path.join(repository, 'packages/cli/src/main.ts')}' ${args}`
  const words = process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', command] : ['-qec', command, '/dev/null']
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PREFECT|SPILLWAY|NO_COLOR|FORCE_COLOR|COLUMNS|CI$)/.test(name)))
  const child = spawn('script', words, {
    env: { ...inherited, TERM: 'xterm-256color', HOME: spillway.home, SPILLWAY_HOME: spillway.home, PREFECT_API_URL: spillway.server.apiUrl, NODE_NO_WARNINGS: '1', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (typed !== '' && output.includes('[y/N]: ') && child.stdin.writable) child.stdin.end(typed)
  })
  if (typed === '') child.stdin.end()
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { output: output.replaceAll('\r', ''), code }
}

test('a table fits the terminal, whole in what people copy, and is coloured there alone', async () => {
  const [narrow, plain, piped] = await Promise.all([
    inTerminal('flow-run ls', { columns: 90 }),
    inTerminal('flow-run ls', { columns: 90, env: { NO_COLOR: '1' } }),
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
  const no = await inTerminal('flow-run delete terminal', { typed: 'n\n' })
  assert.match(no.output, /Delete the flow run 'terminal' \([0-9a-f-]{36}\) with its task runs and logs\? \[y\/N\]: /)
  assert.match(no.output, /Nothing was changed\./)
  assert.equal((await client.readFlowRun(runId)).id, runId)
  const yes = await inTerminal('flow-run delete terminal', { typed: 'y\n' })
  assert.match(yes.output, /is deleted/)
  assert.equal((await client.filterFlowRuns({ flow_runs: { id: { any_: [runId] } } })).length, 0)
})
