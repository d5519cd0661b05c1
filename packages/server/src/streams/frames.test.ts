import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deliverableEvent, deliverableLog, DeliveryFrame, MessageFrame, textFrame } from './frames.ts'

/** Reads an unmasked text frame as RFC 6455 §5.2 has it. */
function readFrame(frame: Buffer): string {
  assert.equal(frame[0], 0x81)
  const short = frame[1]!
  const [head, length] = short < 126 ? [2, short] : short === 126 ? [4, frame.readUInt16BE(2)] : [10, Number(frame.readBigUInt64BE(2))]
  assert.equal(frame.byteLength, head + length)
  return frame.toString('utf8', head)
}

for (const length of [0, 1, 125, 126, 65_535, 65_536, 70_000]) {
  test(`a frame of ${length} bytes says its length and reads back`, () => {
    const text = 'ü'.repeat(Math.floor(length / 2)) + 'x'.repeat(length % 2)
    assert.equal(readFrame(textFrame(text)), text)
  })
}

test('a frame is encoded once for everybody', () => {
  const frame = new DeliveryFrame('event', '{"id":"a"}', 'e.7', 'e')
  assert.equal(frame.websocket, frame.websocket)
  assert.equal(frame.sse, frame.sse)
})

test('a delivery carries its cursor and epoch, and what was dropped only when something was', () => {
  assert.equal(readFrame(new DeliveryFrame('event', '{"id":"a"}', 'e.7', 'e').websocket), '{"type":"event","event":{"id":"a"},"cursor":"e.7","epoch":"e"}')
  assert.match(readFrame(new DeliveryFrame('log', '{}', 'e.7', 'e', 3).websocket), /"dropped":3\}$/)
  assert.equal(String(new DeliveryFrame('log', '{}', 'e.7', 'e').sse), 'id: e.7\nevent: log\ndata: {"log":{},"cursor":"e.7","epoch":"e"}\n\n')
  assert.equal(String(new MessageFrame('{"type":"resume","status":"resumed"}').sse), 'event: resume\ndata: {"type":"resume","status":"resumed"}\n\n')
})

test('an event that fits is left as it is; of one that does not, the payload goes first', () => {
  const trimmed: string[] = []
  const event = (payload: string, related: number): string =>
    JSON.stringify({ id: 'a', event: 'e', resource: { 'prefect.resource.id': 'r' }, related: new Array(related).fill({ 'prefect.resource.id': 'x'.repeat(50) }), payload: { text: payload } })
  const fit = (body: string): string => deliverableEvent(body, 3_000, () => trimmed.push(body))
  const small = event('ü'.repeat(100), 1)
  assert.equal(fit(small), small)
  assert.equal(trimmed.length, 0)
  const cut = JSON.parse(fit(event('x'.repeat(5_000), 1))) as { payload: Record<string, string>; related: unknown[] }
  assert.match(cut.payload['spillway.trimmed']!, /events\/filter/)
  assert.equal(cut.related.length, 1)
  const bare = JSON.parse(fit(event('', 200))) as { id: string; related: unknown[] }
  assert.deepEqual([bare.id, bare.related], ['a', []])
  assert.equal(trimmed.length, 2)
})

test('whatever its characters, the line of a log that does not fit is cut so that it does', () => {
  for (const character of ['x', 'ü', '\u0001', '😀']) {
    const body = JSON.stringify({ level: 20, message: character.repeat(20_000) })
    const fitting = deliverableLog(body, 10_000, () => {})
    assert.ok(Buffer.byteLength(fitting) <= 10_000)
    assert.match((JSON.parse(fitting) as { message: string }).message, /logs\/filter\]$/)
  }
})
