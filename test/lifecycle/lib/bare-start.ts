import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { listeningPort } from '../../faults/listeners.ts'

/** The command's entry point. */
export const mainFile = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url))

/** Waits until a process listens on a port of 127.0.0.1 and answers there; its output is not looked at. Linux. */
export async function untilListening(pid: number, withinMs = 20_000): Promise<string> {
  const deadlineMs = performance.now() + withinMs
  while (performance.now() < deadlineMs) {
    const port = listeningPort(pid)
    if (port !== undefined) {
      const url = `http://127.0.0.1:${port}`
      if (await fetch(`${url}/api/health`).then((answer) => answer.ok, () => false)) return url
    }
    await delay(20)
  }
  throw new Error(`process ${pid} does not listen`)
}
