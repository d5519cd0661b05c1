import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { ensureSchemathesis } from '../../scripts/set-up/prefect.mjs'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const seconds = soak ? 300 : 60
const seed = Number(process.env['SPILLWAY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

test(`schemathesis finds no 5xx and no request without an answer in ${seconds} s over our own document`, async (t) => {
  console.log(`seed ${seed} (SPILLWAY_SEED=${seed} makes the same requests)`)
  const { schemathesisCommand } = await ensureSchemathesis()
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const api = `${server.url}/api`
  const options = {
    '--url': api,
    '--phases': 'coverage,fuzzing',
    '--checks': 'not_a_server_error',
    '--max-time': seconds,
    '--max-examples': soak ? 100 : 15,
    // An operation that takes this long is a hang.
    '--request-timeout': 10,
    '--seed': seed,
    // CPython 3.11 counts the depth of syntax trees over all threads, and two of them that parse at once fail with a SystemError.
    '--workers': 1,
    '--generation-database': 'none',
    '--suppress-health-check': 'all',
    '--warnings': 'off',
  }
  const flags = ['--continue-on-failure', '--no-shrink', '--no-color']
  const args = ['run', `${api}/openapi.json`, ...Object.entries(options).flatMap(([name, value]) => [name, String(value)]), ...flags]
  const child = spawn(schemathesisCommand, args, { cwd: temporaryFolder(t), stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  assert.equal(code, 0, `${output.slice(-20_000)}\n--- server ---\n${server.stderr()}${server.stdout().slice(-10_000)}`)

  const tested = /Tested: (\d+)/.exec(output)?.[1]
  const generated = /(\d+) generated/.exec(output)?.[1]
  console.log(JSON.stringify({ operations: Number(tested), requests: Number(generated) }))
  assert.ok(Number(tested) > 150 && Number(generated) > 1_000, 'the run meant something')
  assert.doesNotMatch(server.stdout(), /"level":"(error|fatal)"/, 'nothing unexpected in the log of the server')
  assert.equal((await fetch(`${api}/health`)).status, 200)
})
