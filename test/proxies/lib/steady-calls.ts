import { RetryingClient } from '../../faults/retrying-client.ts'

export interface SteadyCalls {
  /** Waits for those under way. */
  stop(): Promise<{ made: number; retried: number; failed: string[] }>
}

/** Idempotent calls at an even rate, each with the retries of the stock client; fewer where the machine is behind. */
export function startCalls(t: { after(work: () => void): void }, apiUrl: string, perSecond: number): SteadyCalls {
  const client = new RetryingClient(apiUrl)
  const underWay = new Set<Promise<void>>()
  const failed: string[] = []
  let made = 0
  const one = async (): Promise<void> => {
    made += 1
    const [path, body] = made % 2 === 0 ? (['/flows/', { name: 'same' }] as const) : (['/flows/filter', { limit: 1 }] as const)
    try {
      const { status } = await client.call('POST', path, body)
      if (status >= 300) failed.push(`${path} ${status}`)
    } catch (error) {
      failed.push(`${path} ${String(error)}`)
    }
  }
  const timer = setInterval(() => {
    if (underWay.size >= perSecond) return
    const call = one()
    underWay.add(call)
    void call.finally(() => underWay.delete(call))
  }, 1000 / perSecond)
  t.after(() => {
    clearInterval(timer)
    client.close()
  })
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      return { made, retried: client.retries, failed }
    },
  }
}
