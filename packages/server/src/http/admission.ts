import { shed, type RetryableError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { WorkClass } from '../storage/port.ts'
import type { Work, WorkLane } from './work-class.ts'

/** Highest first: what waits is let in from the top, and what is refused is refused from the bottom. */
const classes: readonly WorkClass[] = ['state', 'read', 'event', 'log']
const lanes: readonly WorkLane[] = ['writer', 'point', 'scan']

/** Of a lane's places, and of the age a class may reach: lower classes get less, so they are the first to be refused. */
const shareOf: Readonly<Record<WorkClass, number>> = { state: 1, read: 0.75, event: 0.5, log: 0.25 }
/** Every so many-th place goes to the lowest class that waits: what was let wait is also let in some day. */
const lowestEvery = 8
/** Turns of the event loop that are asked for at once. */
const stepsMax = 32
/** Turns for connections between two for requests. */
const takingTurns = 7
const paceWindowMs = 100
/** Of fewer the pace says little: their age alone counts. */
const forecastFrom = 16

export type AdmissionLimits = Pick<
  Limits,
  'writerRequests' | 'pointRequests' | 'scanRequests' | 'requestsWaiting' | 'requestWaitMs' | 'queueAgeMs' | 'queueAgeForMs' | 'turnMs'
>

/** What the admission needs of the world. */
export interface AdmissionPorts {
  /** Monotonic. */
  nowMs(): number
  /** Calls back after the event loop has looked at the sockets again. */
  defer(work: () => void): void
  later(delayMs: number, work: () => void): void
  refused(workClass: WorkClass, limit: keyof Limits | 'drain'): void
  /** A request of the class begins to wait (1) or ends to (-1). */
  waits(workClass: WorkClass, by: 1 | -1): void
}

interface Waiting {
  readonly sinceMs: number
  start(): void
  refuse(error: RetryableError): void
}

/** The requests of one class that wait for one lane. */
class ClassQueue {
  readonly workClass: WorkClass
  readonly lane: WorkLane
  readonly waiting: Waiting[] = []
  underWay = 0
  /** Why new requests are refused, as it was found in this turn of the event loop. */
  verdict: keyof Limits | undefined
  #overSinceMs: number | undefined
  #lookedMs = -Infinity

  constructor(workClass: WorkClass, lane: WorkLane) {
    this.workClass = workClass
    this.lane = lane
  }

  /**
   * True when the oldest has been waiting for more than `ageMs`, or a new one would have to, and that has been so for `forMs`
   * without a break.
   */
  isStanding(nowMs: number, forecastMs: number, ageMs: number, forMs: number): boolean {
    const oldestMs = nowMs - (this.waiting[0]?.sinceMs ?? nowMs)
    // Nobody looked in between: all that is known of that time is what the oldest itself has seen of it.
    if (nowMs - this.#lookedMs > forMs) this.#overSinceMs = undefined
    this.#lookedMs = nowMs
    if (oldestMs > ageMs) this.#overSinceMs ??= nowMs - oldestMs + ageMs
    else if (forecastMs > ageMs) this.#overSinceMs ??= nowMs
    else this.#overSinceMs = undefined
    return this.#overSinceMs !== undefined && nowMs - this.#overSinceMs >= forMs
  }
}

/** How many requests a lane takes in a second, by its last tenths of a second. */
class Pace {
  #perSecond: number | undefined
  #windowMs = -Infinity
  #started = 0

  count(): void {
    this.#started += 1
  }

  /** How long `ahead` requests will take; 0 while the pace is not known. */
  forecastMs(nowMs: number, ahead: number): number {
    const elapsedMs = nowMs - this.#windowMs
    if (elapsedMs >= paceWindowMs) {
      const perSecond = (this.#started * 1000) / elapsedMs
      // A window that is far too long holds no pace: nobody asked.
      this.#perSecond = elapsedMs > 10 * paceWindowMs ? undefined : ((this.#perSecond ?? perSecond) + perSecond) / 2
      this.#windowMs = nowMs
      this.#started = 0
    }
    return this.#perSecond === undefined || ahead < forecastFrom ? 0 : (ahead * 1000) / this.#perSecond
  }
}

/**
 * Lets requests in by class. Each lane of the store has so many places; who finds none waits here, state changes before reads,
 * reads before events, events before logs. What was let in in one turn of the event loop may take so much of it, then the sockets
 * are looked at again, so that a probe of the health never waits behind a flood.
 *
 * A queue that stands (its oldest is too old or a new one would get too old, and not just for a moment) refuses new requests of
 * its class and of the lower ones on its lane before their bodies are read: waiting longer would only turn work into work for
 * clients that have given up. It is looked at once a turn, because refusing must cost next to nothing while thousands knock.
 */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #ports: AdmissionPorts
  readonly #queues: readonly ClassQueue[] = classes.flatMap((workClass) => lanes.map((lane) => new ClassQueue(workClass, lane)))
  readonly #places: Readonly<Record<WorkLane, number>>
  readonly #underWay: Record<WorkLane, number> = { writer: 0, point: 0, scan: 0 }
  readonly #paces: Readonly<Record<WorkLane, Pace>> = { writer: new Pace(), point: new Pace(), scan: new Pace() }
  #waiting = 0
  #turnStartedMs: number | undefined
  /** A connection came since the last turn began: there may be more of them. */
  #connectionCame = false
  /** This turn is for taking connections. */
  #isTaking = false
  #taken = 0
  #steps = 0
  #picks = 0
  #expiring = false
  #draining = false

  constructor(limits: AdmissionLimits, ports: AdmissionPorts) {
    this.#limits = limits
    this.#ports = ports
    this.#places = { writer: limits.writerRequests, point: limits.pointRequests, scan: limits.scanRequests }
  }

  get isDraining(): boolean {
    return this.#draining
  }

  /**
   * Told of every new connection. The event loop takes one a turn, and those behind it wait unseen in the kernel: so while they
   * come and requests wait anyway, several turns are for connections alone and then one is for requests.
   */
  connectionCame(): void {
    this.#connectionCame = true
  }

  /** From here on every new request is refused, with the word that the server is going and another one comes. */
  drain(): void {
    this.#draining = true
  }

  /**
   * Looks at a request's head, before anything is read or done for it.
   *
   * @returns why it is not let in, undefined when it is.
   */
  refuses(work: Work): keyof Limits | 'drain' | undefined {
    if (this.#waiting === 0 && !this.#draining) return undefined
    this.#startTurn()
    const refused = this.#draining ? 'drain' : this.#queueOf(work).verdict
    if (refused !== undefined) this.#ports.refused(work.workClass, refused)
    return refused
  }

  /**
   * Takes a place for a request whose body is there; it is given back with `leave`.
   *
   * @returns undefined when the request goes on at once, else a promise of its place.
   * @throws {RetryableError} out of the promise, when no place came free within `requestWaitMs`.
   */
  enter(work: Work): Promise<void> | undefined {
    const nowMs = this.#startTurn()
    const queue = this.#queueOf(work)
    if (!this.#isTurnSpent(nowMs) && this.#hasPlace(queue) && !this.#isBehindOthers(queue)) {
      this.#take(queue)
      return undefined
    }
    return new Promise((resolve, reject) => {
      queue.waiting.push({ sinceMs: nowMs, start: resolve, refuse: reject })
      this.#countWaiting(queue, 1)
      this.#judge(queue.lane, nowMs)
      this.#schedule()
      this.#scheduleExpiry(this.#limits.requestWaitMs)
    })
  }

  leave(work: Work): void {
    this.#underWay[work.lane] -= 1
    this.#queueOf(work).underWay -= 1
    this.#schedule()
  }

  #queueOf({ workClass, lane }: Work): ClassQueue {
    return this.#queues[classes.indexOf(workClass) * lanes.length + lanes.indexOf(lane)]!
  }

  #countWaiting(queue: ClassQueue, by: 1 | -1): void {
    this.#waiting += by
    this.#ports.waits(queue.workClass, by)
  }

  #take(queue: ClassQueue): void {
    this.#underWay[queue.lane] += 1
    this.#paces[queue.lane].count()
    queue.underWay += 1
  }

  #hasPlace(queue: ClassQueue): boolean {
    const places = this.#places[queue.lane]
    return this.#underWay[queue.lane] < places && queue.underWay < Math.max(1, places * shareOf[queue.workClass])
  }

  /** Whether a request of the same or a higher class waits for the same lane. */
  #isBehindOthers(queue: ClassQueue): boolean {
    if (this.#waiting === 0) return false
    for (const other of this.#queues) {
      if (other.lane === queue.lane && other.waiting.length > 0) return true
      if (other === queue) return false
    }
    return false
  }

  /** The clock, and with the first look in a turn of the event loop the start of that turn. */
  #startTurn(): number {
    const nowMs = this.#ports.nowMs()
    if (this.#turnStartedMs === undefined) {
      this.#turnStartedMs = nowMs
      this.#isTaking = this.#connectionCame && this.#waiting > 0 && this.#taken < takingTurns
      this.#taken = this.#isTaking ? this.#taken + 1 : 0
      this.#connectionCame = false
      this.#ports.defer(() => (this.#turnStartedMs = undefined))
      for (const lane of lanes) this.#judge(lane, nowMs)
    }
    return nowMs
  }

  /** Finds out which queues of a lane refuse new requests. */
  #judge(lane: WorkLane, nowMs: number): void {
    const { queueAgeMs, queueAgeForMs, requestsWaiting } = this.#limits
    const total = this.#queues.reduce((sum, queue) => (queue.lane === lane ? sum + queue.waiting.length : sum), 0)
    let ahead = 0
    let isOver = false
    for (const queue of this.#queues) {
      if (queue.lane !== lane) continue
      ahead += queue.waiting.length
      const share = shareOf[queue.workClass]
      // Lower ones are looked at in any case: they must know since when they are over.
      isOver = queue.isStanding(nowMs, this.#paces[lane].forecastMs(nowMs, ahead), queueAgeMs * share, queueAgeForMs) || isOver
      queue.verdict = isOver ? 'queueAgeMs' : total >= requestsWaiting * share ? 'requestsWaiting' : undefined
    }
  }

  #isTurnSpent(nowMs: number): boolean {
    return this.#isTaking || nowMs - (this.#turnStartedMs ?? nowMs) >= this.#limits.turnMs
  }

  /** Asks for a step for each request that could go on. Each is a callback of its own, so that the work it starts is done within it. */
  #schedule(): void {
    const wanted = Math.min(stepsMax, this.#waiting)
    while (this.#steps < wanted && this.#next() !== undefined) {
      this.#steps += 1
      this.#ports.defer(() => this.#step())
    }
  }

  #step(): void {
    this.#steps -= 1
    const nowMs = this.#startTurn()
    const queue = this.#isTurnSpent(nowMs) ? undefined : this.#next()
    const request = queue?.waiting.shift()
    if (queue && request) {
      this.#countWaiting(queue, -1)
      this.#picks += 1
      this.#take(queue)
      request.start()
    }
    this.#schedule()
  }

  /** The queue whose oldest goes next: the highest class that waits for a lane with a place, now and then the lowest. */
  #next(): ClassQueue | undefined {
    const canStart = (queue: ClassQueue): boolean => queue.waiting.length > 0 && this.#hasPlace(queue)
    return this.#picks % lowestEvery === lowestEvery - 1 ? this.#queues.findLast(canStart) : this.#queues.find(canStart)
  }

  #scheduleExpiry(delayMs: number): void {
    if (this.#expiring) return
    this.#expiring = true
    this.#ports.later(delayMs, () => {
      this.#expiring = false
      this.#expire()
    })
  }

  /** Refuses what has been waiting for too long: the store does not move. */
  #expire(): void {
    const nowMs = this.#ports.nowMs()
    const { requestWaitMs } = this.#limits
    let oldestMs = Infinity
    for (const queue of this.#queues) {
      const { waiting, workClass } = queue
      while (waiting[0] && nowMs - waiting[0].sinceMs >= requestWaitMs) {
        this.#countWaiting(queue, -1)
        this.#ports.refused(workClass, 'requestWaitMs')
        waiting.shift()!.refuse(shed(`${workClass} requests wait for too long`))
      }
      if (waiting[0]) oldestMs = Math.min(oldestMs, waiting[0].sinceMs)
    }
    if (oldestMs !== Infinity) this.#scheduleExpiry(Math.max(1, oldestMs + requestWaitMs - nowMs))
  }
}
