import { parentPort, workerData } from 'node:worker_threads'
import { ApiClient } from '../client/api.ts'
import { ApiError, asError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import type { SdkSettings } from '../settings.ts'
import type { LeaseNews, LeaseRequest } from './lease-keeper.ts'

const client = new ApiClient({ settings: workerData as SdkSettings })
const timers = new Map<string, NodeJS.Timeout>()

parentPort!.on('message', (request: LeaseRequest) => {
  if ('drop' in request) {
    clearTimeout(timers.get(request.drop))
    timers.delete(request.drop)
  } else {
    renewLater(request.keep, request.seconds, request.seconds * 1000 * sdkLimits.leaseRenewShare, performance.now() + request.seconds * 1000)
  }
})

function renewLater(leaseId: string, seconds: number, delayMs: number, endsMs: number): void {
  timers.set(leaseId, setTimeout(() => void renew(leaseId, seconds, endsMs), delayMs))
}

async function renew(leaseId: string, seconds: number, endsMs: number): Promise<void> {
  const startedMs = performance.now()
  try {
    await client.renewLease(leaseId, seconds)
    parentPort!.postMessage({ renewed: leaseId } satisfies LeaseNews)
    if (timers.has(leaseId)) renewLater(leaseId, seconds, seconds * 1000 * sdkLimits.leaseRenewShare, startedMs + seconds * 1000)
  } catch (thrown) {
    if (!timers.has(leaseId)) return
    const isGone = thrown instanceof ApiError && (thrown.status === 404 || thrown.status === 410)
    if (!isGone && performance.now() + sdkLimits.leaseAgainMs < endsMs) return renewLater(leaseId, seconds, sdkLimits.leaseAgainMs, endsMs)
    timers.delete(leaseId)
    parentPort!.postMessage({ lost: leaseId, reason: isGone ? 'the server has taken it back' : asError(thrown).message } satisfies LeaseNews)
  }
}
