import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that systems give to whoever takes any port, and to the near ends of connections (Linux from 32768, macOS from 49152). */
const PORTS = { first: 20_000, count: 10_000 } as const

/** A random port of the loopback that nobody listens on, and that nobody gets by chance before a slow server listens on it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count)
    const probe = createServer().listen(port, '127.0.0.1')
    try {
      await once(probe, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue
      throw error
    }
    probe.close()
    await once(probe, 'close')
    return port
  }
}
