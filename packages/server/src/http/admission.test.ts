import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shed, shedAnswer } from '../errors.ts'
import { Admission, type AdmissionLimits } from './admission.ts'
import { workOf, type Work } from './work-class.ts'

const state: Work = { workClass: 'state', lane: 'writer' }
const event: Work = { workClass: 'event', lane: 'writer' }
const log: Work = { workClass: 'log', lane: 'writer' }
const point: Work = { workClass: 'read', lane: 'point' }

const wide: AdmissionLimits = {
  writerRequests: 1_000, pointRequests: 1_000, scanRequests: 1_000, requestsWaiting: 1_000, requestWaitMs: 10_000, queueAgeMs: 1_000,
  queueAgeForMs: 200, turnMs: 10,
}

/** An admission whose clock and event loop are turned by hand. */
function build(limits: Partial<AdmissionLimits> = {}) {
  let nowMs = 0
  let deferred: (() => void)[] = []
  const timers: { atMs: number; work: () => void }[] = []
  const refused: string[] = []
  const admission = new Admission({ ...wide, ...limits }, {
    nowMs: () => nowMs,
    defer: (work) => void deferred.push(work),
    later: (delayMs, work) => void timers.push({ atMs: nowMs + delayMs, work }),
    waits: () => {},
    refused: (workClass, limit) => void refused.push(`${workClass} ${limit}`),
  })
  const started: string[] = []
  /** One turn of the event loop, in which each request that goes on costs `costMs`. */
  const turn = async (costMs = 0): Promise<void> => {
    for (const work of deferred.splice(0)) {
      const before = started.length
      work()
      await new Promise((resolve) => setImmediate(resolve))
      nowMs += (started.length - before) * costMs
    }
  }
  return {
    admission,
    refused,
    started,
    /** Asks for a place under a name, which is in `started` once it is there. */
    async enter(work: Work, name: string) {
      const place = admission.enter(work)
      if (!place) started.push(name)
      else place.then(() => started.push(name), (error: Error) => started.push(`${name}: ${error.message}`))
    },
    /** Whether a request is refused, asked in a turn of its own. */
    async look(work: Work) {
      await turn()
      return admission.refuses(work)
    },
    pass(ms: number) {
      nowMs += ms
      for (const timer of timers.splice(0)) if (timer.atMs <= nowMs) timer.work()
        else timers.push(timer)
    },
    turn,
  }
}

test('requests go on at once while there are places, and in their order when one comes free', async () => {
  const { admission, enter, started, turn } = build({ writerRequests: 2 })
  for (const name of ['a', 'b', 'c', 'd']) void enter(state, name)
  assert.deepEqual(started, ['a', 'b'])
  await turn()
  assert.deepEqual(started, ['a', 'b'])
  admission.leave(state)
  await turn()
  assert.deepEqual(started, ['a', 'b', 'c'])
})

test('a state change that comes later is let in before logs that wait', async () => {
  const { admission, enter, started, turn } = build({ writerRequests: 1 })
  for (const [work, name] of [[state, 'first'], [log, 'log'], [event, 'event'], [state, 'second']] as const) void enter(work, name)
  for (let i = 0; i < 3; i += 1) {
    admission.leave([state, state, event][i]!)
    await turn()
  }
  assert.deepEqual(started, ['first', 'second', 'event', 'log'])
})

test('lower classes may not take all places of a lane', () => {
  const { admission, enter, started } = build({ writerRequests: 8 })
  for (let i = 0; i < 8; i += 1) {
    void enter(log, 'log')
    void enter(event, 'event')
  }
  assert.deepEqual([started.filter((name) => name === 'log').length, started.filter((name) => name === 'event').length], [2, 4])
  assert.equal(admission.enter(state), undefined)
})

test('a full lane holds up nobody on another one', () => {
  const { admission } = build({ writerRequests: 1 })
  assert.equal(admission.enter(state), undefined)
  assert.ok(admission.enter(state))
  assert.equal(admission.enter(point), undefined)
})

test('what waits below a flood of state changes is let in now and then', async () => {
  const { admission, enter, started, turn } = build({ writerRequests: 1 })
  void enter(state, 'state')
  void enter(log, 'log')
  for (let i = 0; i < 20 && !started.includes('log'); i += 1) {
    void enter(state, 'state')
    admission.leave(state)
    await turn()
  }
  assert.ok(started.includes('log'))
})

test('one turn of the event loop lets in what fits its budget, and the rest goes on in the next ones', async () => {
  const { enter, pass, started, turn } = build({ turnMs: 10 })
  void enter(state, 'a')
  pass(10)
  for (const name of ['b', 'c', 'd', 'e']) void enter(state, name)
  assert.deepEqual(started, ['a'])
  await turn(6)
  assert.deepEqual(started, ['a', 'b', 'c'])
  await turn(6)
  assert.deepEqual(started, ['a', 'b', 'c', 'd', 'e'])
})

test('while connections come in, most turns are left to them, and requests go on in between', async () => {
  const { admission, enter, started, turn } = build({ writerRequests: 1 })
  void enter(state, 'runs')
  for (let i = 0; i < 10; i += 1) void enter(state, 'waits')
  admission.leave(state)
  for (let i = 0; i < 16; i += 1) {
    admission.connectionCame()
    const before = started.length
    await turn()
    if (started.length > before) admission.leave(state)
  }
  assert.ok(started.length >= 2 && started.length <= 4, `${started.length} in sixteen turns`)
  const before = started.length
  await turn()
  await turn()
  assert.ok(started.length > before, 'none came: the next turns are for requests')
})

test('a queue that stands refuses its own class and the lower ones of its lane, and nobody else', async () => {
  const { enter, pass, refused, look } = build({ writerRequests: 2 })
  void enter(event, 'runs')
  void enter(event, 'waits')
  pass(500) // Events may wait for half of the second.
  assert.equal(await look(event), undefined)
  pass(199)
  assert.equal(await look(event), undefined)
  pass(1)
  assert.equal(await look(event), 'queueAgeMs')
  assert.equal(await look(log), 'queueAgeMs')
  assert.equal(await look(state), undefined)
  assert.equal(await look(point), undefined)
  assert.deepEqual(refused, ['event queueAgeMs', 'log queueAgeMs'])
})

test('a queue that was old for a moment only refuses nobody', async () => {
  const { admission, enter, pass, turn, look } = build({ writerRequests: 1 })
  for (const name of ['runs', 'old', 'young']) {
    void enter(state, name)
    pass(550)
  }
  assert.equal(await look(state), undefined) // The oldest has waited for 1,100 ms.
  admission.leave(state)
  await turn()
  pass(500)
  assert.equal(await look(state), undefined) // Now the next one is as old; in between nobody looked.
  pass(150)
  assert.equal(await look(state), 'queueAgeMs')
})

test('a refusal ends as soon as the oldest is young again', async () => {
  const { admission, enter, pass, turn, look } = build({ writerRequests: 1 })
  void enter(state, 'runs')
  void enter(state, 'old')
  pass(1_100)
  assert.equal(await look(state), undefined)
  void enter(state, 'young')
  pass(100)
  assert.equal(await look(state), 'queueAgeMs')
  admission.leave(state)
  await turn()
  assert.equal(await look(state), undefined)
})

test('when too many wait, the lowest class is refused first', async () => {
  const { enter, look } = build({ writerRequests: 1, requestsWaiting: 4 })
  for (let i = 0; i < 3; i += 1) void enter(state, 'state')
  assert.equal(await look(state), undefined)
  assert.equal(await look(log), 'requestsWaiting')
  for (let i = 0; i < 2; i += 1) void enter(state, 'state')
  assert.equal(await look(state), 'requestsWaiting')
})

test('who has waited for too long is refused, and those after it keep their place', async () => {
  const { enter, pass, started, turn, admission } = build({ writerRequests: 1, requestWaitMs: 1_000 })
  void enter(state, 'runs')
  void enter(state, 'old')
  pass(600)
  void enter(state, 'young')
  pass(400)
  await turn()
  assert.deepEqual(started, ['runs', 'old: state requests wait for too long'])
  admission.leave(state)
  await turn()
  assert.equal(started.at(-1), 'young')
})

test('a new request is refused when those before it will take too long, though none has been waiting for long', async () => {
  const { admission, enter, pass, look } = build({ writerRequests: 1, requestsWaiting: 10_000 })
  void enter(state, 'runs')
  // Ten go on in each tenth of a second, twenty come: the queue grows by a hundred a second.
  let refusedAfterMs = 0
  for (let ms = 0; ms < 3_000 && refusedAfterMs === 0; ms += 10) {
    for (let i = 0; i < 2; i += 1) void enter(state, 'more')
    pass(10)
    admission.leave(state)
    if ((await look(state)) !== undefined) refusedAfterMs = ms
  }
  assert.ok(refusedAfterMs > 900 && refusedAfterMs < 1_500, `refused after ${refusedAfterMs} ms`)
})

test('while the server drains every class is refused', async () => {
  const { admission, look, refused } = build()
  admission.drain()
  for (const work of [state, point, event, log]) assert.equal(await look(work), 'drain')
  assert.deepEqual(refused, ['state drain', 'read drain', 'event drain', 'log drain'])
})

test('a refusal names two to five whole seconds, spread; one for maintenance says so', () => {
  const seconds = new Set<string | undefined>()
  for (let i = 0; i < 200; i += 1) {
    const { status, headers } = shed('too much', { isMaintenance: true })
    assert.equal(status, 503)
    assert.equal(headers['prefect-maintenance'], 'true')
    seconds.add(headers['retry-after'])
    seconds.add(shedAnswer(true).headers[1])
  }
  assert.deepEqual([...seconds].toSorted(), ['2', '3', '4', '5'])
  assert.equal(shed('too much').headers['prefect-maintenance'], undefined)
  assert.deepEqual(shedAnswer(false).json, JSON.stringify(shed('too much').body))
  assert.deepEqual(shedAnswer(true).headers.slice(2), ['prefect-maintenance', 'true', 'connection', 'close'])
})

for (const [method, path, declared, want] of [
  ['POST', '/flow_runs/{id}/set_state', undefined, state],
  ['POST', '/work_pools/{work_pool_name}/workers/heartbeat', undefined, state],
  ['POST', '/v2/concurrency_limits/leases/{lease_id}/renew', undefined, state],
  ['POST', '/work_pools/{name}/get_scheduled_flow_runs', undefined, { workClass: 'state', lane: 'point' }],
  ['POST', '/flow_runs/filter', 'read', { workClass: 'read', lane: 'scan' }],
  ['POST', '/ui/flow_runs/count-task-runs', 'read', { workClass: 'read', lane: 'scan' }],
  ['POST', '/artifacts/latest/count', undefined, { workClass: 'read', lane: 'scan' }],
  ['GET', '/flow_runs/{id}', undefined, point],
  ['POST', '/events', 'event', event],
  ['POST', '/logs/', 'log', log],
  ['DELETE', '/flows/{id}', undefined, state],
  ['GET', '/health', 'none', undefined],
] as const) {
  test(`${method} ${path} is work of class ${want?.workClass ?? 'none'}`, () => {
    assert.deepEqual(workOf({ method, path, ...(declared && { workClass: declared }) }), want)
  })
}
