import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { flow, runDeployment } from '../../packages/sdk/src/index.ts'
import { eventually } from '../faults/eventually.ts'
import { startNginx, testBehind } from '../proxies/lib/proxy-process.ts'
import { start, startProgram } from './processes.ts'
import { sessionWith, startTarget } from './targets.ts'

const isFull = process.env['SPILLWAY_SOAK'] === '1'
const CALLS = isFull ? 300 : 10
const ROUNDS = isFull ? 3 : 1
const file = fileURLToPath(new URL('./flows/fan-out.ts', import.meta.url))

/** Starts the server of the children; in full from the built package, as users have it, which a process of takes a third of the time. */
function serveChildren(env: Record<string, string>): ReturnType<typeof start> {
  if (!isFull) return startProgram(file, env)
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' })
  return start(process.execPath, [file], env)
}

/** All at once, each a process of its own; every one ends, and its result is read. */
async function fanOut(t: TestContext, apiUrl: string): Promise<void> {
  const own = sessionWith(apiUrl)
  const { client } = own.session.remote!
  const program = serveChildren(own.env)
  await eventually(async () => (await client.findDeployment('fan-out-child', 'test')) !== undefined, 'the child to be served', 60)
  const parent = flow({ name: 'fan-out-parent' }, async () => {
    const runs = Array.from({ length: CALLS }, async (_, x) => (await runDeployment<number>('fan-out-child/test', { x }, { pollEvery: '30s' })).result())
    return await Promise.all(runs)
  })
  for (let round = 1; round <= ROUNDS; round++) {
    const startMs = performance.now()
    const outcome = await parent.run({}, { session: own.session })
    assert.ok(outcome.ok, String(!outcome.ok && outcome.error))
    assert.deepEqual(outcome.value, Array.from({ length: CALLS }, (_, x) => x * x))
    t.diagnostic(`round ${round}: ${CALLS} of ${CALLS} in ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
  }
  assert.deepEqual(own.log.filter((line) => /stream|handshake|does not answer/.test(line)), [])
  program.child.kill('SIGTERM')
  assert.equal((await program.ended).code, 0, program.output())
}

void test(`${CALLS} runs of a deployment at once, each a TypeScript process, all of them end`, async (t) => {
  await fanOut(t, (await startTarget('Spillway')).apiUrl)
})

testBehind('nginx', `${CALLS} of them at once through nginx, which the runner and the caller both go through`, async (t) => {
  const target = await startTarget('Spillway', { SPILLWAY_TRUSTED_PROXIES: 'loopback' })
  const proxy = await startNginx(t, { upstreamPort: Number(new URL(target.apiUrl).port), tls: false })
  await fanOut(t, `${proxy.url}/api`)
})
