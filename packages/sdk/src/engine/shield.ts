import { currentFrame, inFrame } from './context.ts'

const never = new AbortController().signal

/** Runs work that cancellation does not interrupt: what it waits for by `abortSignal()` goes on. Its run waits 30 s for it. */
export async function shield<T>(work: () => T | Promise<T>): Promise<T> {
  const frame = currentFrame()
  return await (frame ? inFrame({ ...frame, signal: never }, work) : work())
}
