/** Ports that are taken, rights that are missing, settings that do not fit (I11). */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { runRefusedServer, startServerProcess, temporaryFolder } from '../server/server-process.ts'

/** Two seconds, or twice what a start takes at this time that succeeds. */
async function allowedMs(t: TestContext): Promise<number> {
  const startedMs = performance.now()
  await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  return Math.max(2_000, 2 * (performance.now() - startedMs))
}

test('a start that cannot succeed ends within seconds, with one line for the cause and one for what to do', async (t) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  t.after(() => taken.close())
  const port = String((taken.address() as AddressInfo).port)
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'a-file')
  writeFileSync(file, '')
  const deadlineMs = await allowedMs(t)
  const cases: readonly (readonly [what: string, env: Record<string, string>, words: RegExp])[] = [
    ['a port that is taken', { PREFECT_SERVER_API_PORT: port }, new RegExp(`Port ${port} .*taken.*\\n.*PREFECT_SERVER_API_PORT`)],
    ['an address of another machine', { PREFECT_SERVER_API_HOST: '203.0.113.1' }, /203\.0\.113\.1.*\n.*PREFECT_SERVER_API_HOST/],
    ['a data folder that is a file', { SPILLWAY_HOME: file }, /SPILLWAY_HOME/],
    ['a port that is no number', { PREFECT_SERVER_API_PORT: 'http' }, /PREFECT_SERVER_API_PORT=http/],
    ['a bound that does not exist', { SPILLWAY_LIMITS: 'nothing=1' }, /SPILLWAY_LIMITS.*nothing=1/],
    ['a log level that does not exist', { PREFECT_SERVER_LOGGING_LEVEL: 'LOUD' }, /PREFECT_SERVER_LOGGING_LEVEL=LOUD/],
  ]
  for (const [what, env, words] of cases) {
    await t.test(what, async () => {
      const refused = await runRefusedServer({ SPILLWAY_HOME: path.join(folder, 'home'), ...env })
      assert.notEqual(refused.code, 0)
      assert.match(refused.stderr, words)
      assert.equal(refused.stderr.trim().split('\n').length, 2, refused.stderr)
      assert.equal(refused.stdout, '')
      assert.ok(refused.tookMs < deadlineMs, `took ${Math.round(refused.tookMs)} ms of ${Math.round(deadlineMs)}`)
    })
  }
})
