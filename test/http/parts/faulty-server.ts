/** `spillway server start` with routes that fail in every way that a handler can. They exist in this process alone. */
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { any } from '@spillway/core/wire/schema'
import { rootRoutes } from '@spillway/server/routes/root'
import { route, type Route, type RouteReply } from '@spillway/server/routes/route'
import { runServer } from '../../../packages/cli/src/run-server.ts'

const ok: RouteReply = { status: 200, json: '"answered"' }
/** What never settles by itself: the request is there until the error ends it. */
const never = (): Promise<RouteReply> => new Promise(() => {})

const faults: Readonly<Record<string, () => RouteReply | Promise<RouteReply>>> = {
  'throws': () => {
    throw new Error('thrown at once')
  },
  'rejects': async () => {
    await Promise.resolve()
    throw new Error('thrown later')
  },
  'throws-in-timer': () => {
    setTimeout(() => {
      throw new Error('thrown in a timer')
    }, 10)
    return never()
  },
  'throws-in-listener': () => {
    const emitter = new EventEmitter()
    emitter.on('fired', () => {
      throw new Error('thrown in a listener')
    })
    setImmediate(() => emitter.emit('fired'))
    return never()
  },
  'leaves-a-promise': () => {
    void Promise.reject(new Error('a promise that nobody awaits'))
    return never()
  },
  'throws-after-answer': () => {
    setTimeout(() => {
      throw new Error('thrown after the answer')
    }, 50)
    return ok
  },
  'throws-what-is-no-error': () => {
    throw 'a text' // eslint-disable-line no-throw-literal
  },
  'breaks-an-assertion': () => {
    setImmediate(() => assert.equal(1, 2, 'a broken assertion'))
    return never()
  },
}

for (const [name, handle] of Object.entries(faults)) {
  const row = route({ method: 'GET', path: `/faults/${name}`, operationId: `fault_${name.replaceAll('-', '_')}`, tag: 'Root', isPlain: true, replies: { 200: any() }, handle })
  ;(rootRoutes as Route[]).push(row)
}
await runServer({ ...process.env, PREFECT_SERVER_API_PORT: '0' })
