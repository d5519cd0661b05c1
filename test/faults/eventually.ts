import { setTimeout as delay } from 'node:timers/promises'

/** Resolves when the check holds; fails when it does not within so many seconds. */
export async function eventually(check: () => boolean | Promise<boolean>, what: string, seconds = 10): Promise<void> {
  const deadlineMs = performance.now() + seconds * 1000
  while (!(await check())) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${seconds} s in vain for ${what}`)
    await delay(20)
  }
}
