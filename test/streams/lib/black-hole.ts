import { createServer, connect, type AddressInfo, type Socket } from 'node:net'

/** A way to a server that can lose everything: both ends stay connected, and nothing of either reaches the other any more. */
export interface BlackHole {
  readonly url: string
  /** Connections through it that the server has not ended. */
  readonly open: number
  swallow(): void
}

/** Opens such a way to the server at `url`; it is gone with the test. */
export async function openBlackHole(t: { after(work: () => unknown): void }, url: string): Promise<BlackHole> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const toServer = new Set<Socket>()
  let swallowing = false
  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('data', (chunk) => {
      if (!swallowing && !to.write(chunk)) from.pause()
    })
    to.on('drain', () => from.resume())
    from.on('end', () => {
      toServer.delete(from)
      if (!swallowing) to.end()
    })
    from.on('error', () => {}) // 'close' follows.
    from.on('close', () => {
      sockets.delete(from)
      toServer.delete(from)
      if (!swallowing) to.destroy()
    })
  }
  const entrance = createServer({ allowHalfOpen: true }, (peer) => {
    const server = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    toServer.add(server)
    pass(peer, server)
    pass(server, peer)
  })
  await new Promise<void>((resolve) => entrance.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    entrance.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    url: `http://127.0.0.1:${(entrance.address() as AddressInfo).port}`,
    get open() {
      return toServer.size
    },
    swallow() {
      swallowing = true
      for (const socket of sockets) socket.resume()
    },
  }
}
