import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { newUuid7 } from '@spillway/core/wire/ids'
import WebSocket from 'ws'
import { call, type Caller } from './caller.ts'

export const BATCH = 100

/** 100 events in one POST. `facts.eventName` tells one measurement's events from another's. */
export async function postEvents(caller: Caller): Promise<void> {
  await call(caller, 'events', 'POST', '/events', `[${Array.from({ length: BATCH }, (_, n) => eventJson(caller, n)).join()}]`)
}

/** 100 log lines of one run in one POST. */
export async function postLogs(caller: Caller): Promise<void> {
  const flowRunId = newUuid7(Date.now())
  const timestamp = new Date().toISOString()
  const lines = Array.from({ length: BATCH }, (_, n) => JSON.stringify({
    name: 'prefect.flow_runs', level: 20, message: `line ${n} of the bench: ${FILLER.slice(0, 100)}`, timestamp, flow_run_id: flowRunId,
    task_run_id: null,
  }))
  await call(caller, 'logs', 'POST', '/logs/', `[${lines.join()}]`)
}

const sockets = new WeakMap<Caller, Promise<WebSocket>>()

/** 100 events, a frame each, then a ping; done when its pong is back, as the stock emitter confirms what it sent. */
export async function streamEvents(caller: Caller): Promise<void> {
  let dialled = sockets.get(caller)
  if (!dialled) sockets.set(caller, (dialled = dial(caller)))
  const socket = await dialled
  const answered = once(socket, 'pong')
  for (let n = 0; n < BATCH; n++) socket.send(eventJson(caller, n))
  socket.ping(randomBytes(4))
  await answered
}

async function dial(caller: Caller): Promise<WebSocket> {
  const { host, port } = caller.connection
  const socket = new WebSocket(`ws://${host}:${port}${caller.base}/events/in`, ['prefect'], { perMessageDeflate: false })
  await once(socket, 'open')
  socket.send('{"type":"auth","token":null}')
  const [answer] = await once(socket, 'message')
  if (!String(answer).includes('auth_success')) throw new Error(`no auth_success: ${answer}`)
  return socket
}

/** About 1 KB, with two related resources. Put together as text: the generator must be cheaper than what it measures. */
function eventJson(caller: Caller, n: number): string {
  const nowMs = Date.now()
  const id = newUuid7(nowMs)
  return `{"id":"${id}","occurred":"${new Date(nowMs).toISOString()}","event":"${caller.facts.eventName}",` +
    `"resource":{"prefect.resource.id":"bench.item.${id}","prefect.resource.name":"item ${n}","bench.kind":"sample"},${EVENT_TAIL}`
}

const FILLER = 'Spillway lets the flood past. '.repeat(18)
const EVENT_TAIL = JSON.stringify({
  related: [
    { 'prefect.resource.id': 'prefect.flow.01930000-0000-7000-8000-000000000001', 'prefect.resource.role': 'flow' },
    { 'prefect.resource.id': 'prefect.tag.bench', 'prefect.resource.role': 'tag' },
  ],
  payload: { filler: FILLER },
}).slice(1)
