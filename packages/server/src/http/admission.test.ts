import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RetryableError } from '../errors.ts'
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
    pass(ms: number) {
      nowMs += ms
      for (const timer of timers.splice(0)) if (timer.atMs <= nowMs) timer.work()
        else timers.push(timer)
    },
    /** One turn of the event loop, in which each request that goes on costs `costMs`. */
    async turn(costMs = 0) {
      for (const work of deferred.splice(0)) {
        const before = started.length
        work()
        await new Promise((resolve) => setImmediate(resolve))
        nowMs += (started.length - before) * costMs
      }
    },
  }
}

function refusal(work: () => void): RetryableError {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof RetryableError)
    return error
  }
  assert.fail('was let in')
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

test('a queue that stands refuses its own class and the lower ones of its lane, and nobody else', () => {
  const { admission, enter, pass, refused } = build({ writerRequests: 2 })
  void enter(event, 'runs')
  void enter(event, 'waits')
  pass(500) // Events may wait for half of the second.
  admission.check(event)
  pass(199)
  admission.check(event)
  pass(1)
  assert.match(refusal(() => admission.check(event)).reason, /too many event requests/)
  refusal(() => admission.check(log))
  admission.check(state)
  admission.check(point)
  assert.deepEqual(refused, ['event queueAgeMs', 'log queueAgeMs'])
})

test('a queue that was old for a moment only refuses nobody', async () => {
  const { admission, enter, pass, turn } = build({ writerRequests: 1 })
  for (const name of ['runs', 'old', 'young']) {
    void enter(state, name)
    pass(550)
  }
  admission.check(state) // The oldest has waited for 1,100 ms.
  admission.leave(state)
  await turn()
  pass(500)
  admission.check(state) // Now the next one is as old; in between nobody looked.
  pass(150)
  refusal(() => admission.check(state))
})

test('a refusal ends as soon as the oldest is young again', async () => {
  const { admission, enter, pass, turn } = build({ writerRequests: 1 })
  void enter(state, 'runs')
  void enter(state, 'old')
  pass(1_100)
  admission.check(state)
  void enter(state, 'young')
  pass(100)
  refusal(() => admission.check(state))
  admission.leave(state)
  await turn()
  admission.check(state)
})

test('when too many wait, the lowest class is refused first', () => {
  const { admission, enter } = build({ writerRequests: 1, requestsWaiting: 4 })
  for (let i = 0; i < 3; i += 1) void enter(state, 'state')
  admission.check(state)
  refusal(() => admission.check(log))
  for (let i = 0; i < 2; i += 1) void enter(state, 'state')
  assert.equal(refusal(() => admission.check(state)).limit, 'requestsWaiting')
})

test('who has waited for too long is refused, and those after it keep their place', async () => {
  const { enter, pass, started, turn, admission } = build({ writerRequests: 1, requestWaitMs: 1_000 })
  void enter(state, 'runs')
  void enter(state, 'old')
  pass(600)
  void enter(state, 'young')
  pass(400)
  await turn()
  assert.deepEqual(started, ['runs', 'old: too many state requests are waiting'])
  admission.leave(state)
  await turn()
  assert.equal(started.at(-1), 'young')
})

test('a refusal names two to five whole seconds, spread; while the server drains it says so', () => {
  const { admission } = build()
  admission.drain()
  const seconds = new Set<string | undefined>()
  for (let i = 0; i < 200; i += 1) {
    const { status, headers } = refusal(() => admission.check(log))
    assert.equal(status, 503)
    assert.equal(headers['prefect-maintenance'], 'true')
    seconds.add(headers['retry-after'])
  }
  assert.deepEqual([...seconds].toSorted(), ['2', '3', '4', '5'])
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
