import { startPeers, type HostilePeers } from '../../test/streams/lib/peers.ts'
import type { Target } from '../targets.ts'

/** A process of hostile peers (raw sockets, small receive buffers) for one target; gone, with its sockets, when `work` ends. */
export async function withHostilePeers<T>(target: Target, work: (peers: HostilePeers) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = []
  try {
    return await work(await startPeers({ after: (end) => ends.push(end) }, `http://${target.host}:${target.port}`))
  } finally {
    for (const end of ends) await end()
  }
}
