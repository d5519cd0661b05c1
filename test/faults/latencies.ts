import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Samples, type Percentiles } from '../../bench/lib/samples.ts'

/** Makes a call again and again, one at a time with a pause of 10 ms, as long as `going` holds; gives how long each took. */
export async function timeWhile(going: () => boolean, call: () => Promise<unknown>): Promise<Percentiles> {
  const samples = new Samples()
  while (going()) {
    const startedMs = performance.now()
    await call()
    samples.add(performance.now() - startedMs)
    await delay(10)
  }
  return samples.summary()
}
