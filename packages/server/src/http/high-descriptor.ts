import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'

/** More than this costs start-up time (about 10 µs each), and a process with more connections is only a little worse off. */
const heldMax = 4_096

/**
 * Runs `work` while all low file descriptors are taken, so that what it opens gets a higher one than connections get later.
 *
 * For the listening socket: when a process is killed, Linux closes its sockets from the highest descriptor down. A listener below
 * its connections would go on taking dials for a moment, from the very clients whose connections have just ended, and then
 * reset them. Stock clients come back after a refused dial, and give up on one that ends in the middle of the opening handshake.
 */
export async function withHighDescriptor<Opened>(connections: number, work: () => Promise<Opened>): Promise<Opened> {
  const held: number[] = []
  try {
    while (held.length < Math.min(connections, heldMax)) held.push(openSync(devNull, 'r'))
  } catch {
    // The process may not have so many: leave it some.
    for (const descriptor of held.splice(held.length * 0.75)) closeSync(descriptor)
  }
  try {
    return await work()
  } finally {
    for (const descriptor of held) closeSync(descriptor)
  }
}
