import type { ServerContext } from '../context.ts'

/** A background service: one round of work, repeated. Everything it changes goes through commands. */
export interface Service {
  readonly name: string
  readonly loopSeconds: number
  /** One round. It may be called out of turn ("run once") by tests. @returns how many things it changed. */
  run(context: ServerContext): Promise<number>
}

export interface RunningServices {
  /** Runs one round of a service now. */
  runOnce(name: string): Promise<number>
  /** Starts no further round and waits for the ones under way. */
  stop(): Promise<void>
}

/**
 * Runs each service in its own loop: the next round starts `loopSeconds` after the start of the last one, never two at once.
 * A round that fails is logged and counted, and the loop goes on. Starts are spread so that services do not pulse together.
 */
export function startServices(services: readonly Service[], context: ServerContext): RunningServices {
  let stopping = false
  const timers = new Map<string, NodeJS.Timeout>()
  const underWay = new Set<Promise<unknown>>()

  async function round(service: Service): Promise<number> {
    const startedMs = performance.now()
    let outcome = 'done'
    try {
      return await service.run(context)
    } catch (error) {
      outcome = 'failed'
      context.log.warn({ service: service.name, reason: (error as Error).message }, 'a background service failed; it goes on at its next turn')
      return 0
    } finally {
      context.metrics.serviceRuns.observe({ service: service.name, outcome }, (performance.now() - startedMs) / 1000)
    }
  }

  function schedule(service: Service, delayMs: number): void {
    if (stopping) return
    const timer = setTimeout(() => {
      const startedMs = performance.now()
      const work = round(service).finally(() => {
        underWay.delete(work)
        schedule(service, Math.max(10, service.loopSeconds * 1000 - (performance.now() - startedMs)))
      })
      underWay.add(work)
    }, delayMs)
    timer.unref()
    timers.set(service.name, timer)
  }

  for (const [index, service] of services.entries()) schedule(service, Math.min(service.loopSeconds * 1000, 250 + index * 50))

  return {
    async runOnce(name) {
      const service = services.find((candidate) => candidate.name === name)
      if (!service) throw new Error(`There is no service '${name}'.`)
      return service.run(context)
    },
    async stop() {
      stopping = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.allSettled(underWay)
    },
  }
}
