import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test, { after, type TestContext } from 'node:test'
import { endPart, nextMessage, startPart } from '../../bench/lib/process.ts'
import { startFaultServer } from './lib/fault-server.ts'
import { dialAuthenticated, pinged, textFrame } from './lib/raw-socket.ts'

/**
 * What one message may cost the thread that owns the sockets whatever it holds, in ms of its processor time; and how many times what it
 * costs a bare server that parses and writes it. What cannot be written, or is no JSON, must not cost more than the former.
 */
const costAnywayMs = 20
const costMultiple = 3
const tries = 3

const resource = { 'prefect.resource.id': 'hostile.thing' }
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const event = (more: string): string => `{"id":"${randomUUID()}","occurred":"2026-01-01T00:00:00Z","event":"hostile.told","resource":${JSON.stringify(resource)},${more}}`
const list = (count: number, item: (number: number) => string): string => `[${Array.from({ length: count }, (_, number) => item(number)).join(',')}]`

/** Fault A18 on the way in: each is sound JSON or nearly so, and meant to hurt. */
const events: Readonly<Record<string, string>> = {
  'arrays nested 700,000 deep': event(`"payload":{"deep":${nested(700_000)}}`),
  'objects nested 100,000 deep': event(`"payload":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  'brackets that never close': '['.repeat(1_000_000),
  '1.4 MB of small objects': event(`"payload":{"many":${list(170_000, () => '{"a":1}')}}`),
  '1.4 MB of numbers': event(`"payload":{"many":${list(200_000, (n) => String(n))}}`),
  '100,000 keys': event(`"payload":{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":1`).join(',')}}`),
  'a key of 1 MB': event(`"payload":{"${'k'.repeat(1_000_000)}":1}`),
  'a number of a million digits': event(`"payload":{"number":${'9'.repeat(1_000_000)}}`),
  'a number beyond all numbers': event('"payload":{"number":1e999999}'),
  '20,000 related resources': event(`"related":${list(20_000, (n) => `{"prefect.resource.id":"r.${n}","prefect.resource.role":"x"}`)}`),
  '20,000 labels': event(`"payload":{}`).replace('{"prefect.resource.id"', `{${Array.from({ length: 20_000 }, (_, n) => `"label-${n}":"x"`).join(',')},"prefect.resource.id"`),
  'a prototype': event('"payload":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}},"__proto__":{"polluted":true}'),
  'half a surrogate pair, and a NUL': event('"payload":{"text":"\\ud800 \\u0000"}'),
  'the last moment there is': event('"payload":{}').replace('2026-01-01T00:00:00Z', '9999-12-31T23:59:59.999999-14:00'),
  'no JSON': 'occurred=now',
  'a string': '"event"',
  'nothing': '',
}

const filter = (more: string): string => `{"type":"filter","filter":{${more}},"backfill":false}`

/** What a subscriber may begin with, and whether it is a filter at all. */
const filters: Readonly<Record<string, readonly [text: string, taken: boolean]>> = {
  '10,000 prefixes': [filter(`"event":{"prefix":${list(10_000, (n) => `"p${n}."`)}}`), false],
  '100,000 resource ids': [filter(`"resource":{"id":${list(100_000, (n) => `"r.${n}"`)}}`), false],
  '10,000 related filters': [filter(`"related":${list(10_000, (n) => `{"id":["r.${n}"]}`)}`), false],
  'arrays nested 700,000 deep': [filter(`"event":{"prefix":${nested(700_000)}}`), false],
  'no JSON': ['subscribe please', false],
  'an array': ['[]', false],
  'another type': ['{"type":"subscribe"}', false],
  'an expression that takes for ever': [filter('"event":{"prefix":["(a+)+$"],"name":["^(([a-z])+.)+[A-Z]([a-z])+$"]}'), true],
  'a prototype': [filter('"event":{"prefix":["x."]},"__proto__":{"polluted":true}'), true],
}

// One server for all: it has to bear one after the other.
const server = await startFaultServer({ after: (work) => after(work as () => void) }, { pingSeconds: 60, pongSeconds: 60 })
const bare = startPart(new URL('./parts/bare-websocket.ts', import.meta.url))
after(() => endPart(bare, 'SIGKILL'))
const barePort = await nextMessage<number>(bare)

for (const [what, text] of Object.entries(events)) {
  test(`an event with ${what} costs little, and its socket goes on`, async (t) => {
    const raw = await dialAuthenticated(t, server.url, '/api/events/in')
    await assertCheap(t, text, async () => {
      raw.send(textFrame(text))
      await pinged(raw)
    })
    raw.send(textFrame(event('"payload":{"sound":true}')))
    await pinged(raw)
    assert.equal(raw.close(), undefined)
    raw.socket.destroy()
  })
}

for (const [what, [text, taken]] of Object.entries(filters)) {
  test(`a subscriber that begins with ${what} is ${taken ? 'taken' : 'closed with 1002 and a reason'}, at little cost`, async (t) => {
    await assertCheap(t, text, async () => {
      const raw = await dialAuthenticated(t, server.url, '/api/events/out')
      raw.send(textFrame(text))
      if (taken) await pinged(raw)
      else {
        await raw.frame(({ opcode }) => opcode === 0x8, 'a close frame')
        const close = raw.close()!
        assert.equal(close.code, 1002, close.reason)
        assert.ok(close.reason !== '' && Buffer.byteLength(close.reason) <= 123, close.reason)
      }
      raw.socket.destroy()
    })
  })
}

test('after all of them the server is well, and no object has got a new property', async () => {
  assert.equal((await fetch(`${server.url}/api/health`)).status, 200)
  const answer = await fetch(`${server.url}/api/flows/`, { method: 'POST', body: '{"name":"after"}', headers: { 'content-type': 'application/json' } })
  assert.doesNotMatch(await answer.text(), /polluted/)
  assert.doesNotMatch(server.stderr(), /"level":"(error|fatal)"|Uncaught|polluted":true\}\}/)
})

/** The least of a few measurements, with the bare server's beside them: what else runs on the machine can only add to them. */
async function assertCheap(t: TestContext, text: string, send: () => Promise<void>): Promise<void> {
  const ours: number[] = []
  const bares: number[] = []
  for (let left = tries; left > 0; left -= 1) {
    ours.push(await costOf(server.child.pid!, send))
    if (canBeWritten(text)) bares.push(await costOf(bare.pid!, () => tellBare(text)))
  }
  const allowedMs = Math.max(costAnywayMs, bares.length > 0 ? costMultiple * Math.min(...bares) : 0)
  const told = `it costs ${Math.min(...ours).toFixed(1)} ms, the bare server ${Math.min(...bares).toFixed(1)} ms`
  t.diagnostic(told)
  assert.ok(Math.min(...ours) <= allowedMs, `${told}; allowed: ${allowedMs.toFixed(1)} ms`)
}

async function tellBare(text: string): Promise<void> {
  const raw = await dialAuthenticated(undefined, `http://127.0.0.1:${barePort}`, '/')
  raw.send(textFrame(text))
  await pinged(raw)
  raw.socket.destroy()
}

/** Processor time of the first thread of a process, which does not grow while others have the processor. */
async function costOf(pid: number, work: () => Promise<void>): Promise<number> {
  const threadMs = (): number => Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000_000
  const before = threadMs()
  await work()
  return threadMs() - before
}

function canBeWritten(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) !== ''
  } catch {
    return false
  }
}
