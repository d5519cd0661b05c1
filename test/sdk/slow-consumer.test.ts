// A loop over subscribe() that takes its time: B06 of the fault catalogue, against a real server and in a process of its own.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment } from '../compat/target.ts'
import { eventually } from '../faults/eventually.ts'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { atEnd } from './at-end.ts'
import type { FromConsumer } from './slow-consumer.ts'
import { sessionWith } from './targets.ts'

const MIB = 1024 * 1024
const EVENTS = 301
const EVENT_BYTES = 100_000
/** The bound of what waits (4 MiB), its parsed form, and what a process allocates beside it; the flood has 30 MB. */
const GROWTH_MAX = 14 * MIB

test('a loop that is held up keeps a bounded part of a flood in memory, is ended by the server, and misses and repeats nothing (B06)', { timeout: 180_000 }, async () => {
  const hooks = { after: atEnd }
  const server = await startServerProcess(hooks, {
    SPILLWAY_HOME: temporaryFolder(hooks),
    PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '2',
    PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT: '3',
  })
  const { session, env } = sessionWith(`${server.url}/api`)
  const { client } = session.remote!
  const publish = async (from: number, count: number): Promise<void> => {
    const payload = 'x'.repeat(EVENT_BYTES)
    const events = Array.from({ length: count }, (_, index) => ({
      id: randomUUID(), occurred: new Date().toISOString(), event: 'flood.came', resource: { 'prefect.resource.id': `flood.${from + index}` }, payload: { number: from + index, payload },
    }))
    await client.call('POST', '/events', events)
  }

  const consumer = fork(fileURLToPath(new URL('./slow-consumer.ts', import.meta.url)), [String(EVENTS)], {
    env: cleanEnvironment(env), execArgv: ['--conditions=spillway-source', '--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  atEnd(() => consumer.kill('SIGKILL'))
  const said = new EventEmitter()
  const log: string[] = []
  consumer.on('message', (message: FromConsumer) => {
    if (message.kind === 'log') log.push(message.message)
    said.emit(message.kind, message)
  })
  const memory = async (): Promise<number> => {
    consumer.send('memory')
    const [{ bytes }] = (await once(said, 'memory')) as [{ bytes: number }]
    return bytes
  }
  const ended = async (): Promise<boolean> => /spillway_websocket_closes_total\{[^}]*reason="ping-timeout"[^}]*\} [1-9]/.test(await (await fetch(`${server.url}/api/metrics`)).text())

  const begun = once(said, 'begun')
  await publish(0, 1)
  await begun
  const atFirst = await memory()
  let most = 0
  for (let from = 1; from < EVENTS; from += 20) await publish(from, 20)
  await eventually(async () => {
    most = Math.max(most, (await memory()) - atFirst)
    return most > GROWTH_MAX || (await ended())
  }, 'the server to end the stream that is not read', 60)
  assert.ok(most < GROWTH_MAX, `${Math.round(most / MIB)} MiB wait in the consumer`)
  assert.ok(most > MIB, 'nothing had come')

  const seen = once(said, 'seen')
  consumer.send('go on')
  const [{ numbers }] = (await seen) as [{ numbers: number[] }]
  assert.deepEqual(numbers, Array.from({ length: EVENTS }, (_, number) => number))
  assert.equal(log.filter((line) => /slower than its events/.test(line)).length, 1, log.join('\n'))
  assert.equal(log.length, 1, log.join('\n'))
})
