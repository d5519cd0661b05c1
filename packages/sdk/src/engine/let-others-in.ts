import { sdkLimits } from '../limits.ts'

let turnEndsMs = 0
let nextTurn: Promise<void> | undefined

/**
 * Gives timers and sockets a turn, where tasks have run for a while without one. Tasks that wait for nothing follow each other in
 * microtasks: nothing of them would leave this process, no cancellation be heard and no lease be kept before the last one is done.
 *
 * @returns a promise only when it is time.
 */
export function letOthersIn(): undefined | Promise<void> {
  if (performance.now() < turnEndsMs) return undefined
  return (nextTurn ??= new Promise((resolve) => {
    setImmediate(() => {
      nextTurn = undefined
      turnEndsMs = performance.now() + sdkLimits.taskTurnMs
      resolve()
    })
  }))
}
