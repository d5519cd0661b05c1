import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { ServerProcess } from '../../server/server-process.ts'

/** The options of Node for a server whose heap is to be looked at. */
export const withInspector = '--inspect=127.0.0.1:0'

/** Makes the server's connection thread collect its garbage and tells what of its heap is in use then, in bytes. */
export async function heapAfterCollection(server: ServerProcess): Promise<number> {
  const address = /Debugger listening on (ws:\S+)/.exec(server.stderr())?.[1]
  if (address === undefined) throw new Error(`no inspector to be had:\n${server.stderr()}`)
  const socket = new WebSocket(address)
  await once(socket, 'open')
  let calls = 0
  const call = async (method: string): Promise<Record<string, unknown>> => {
    const id = ++calls
    socket.send(JSON.stringify({ id, method }))
    for (;;) {
      const [data] = (await once(socket, 'message')) as [Buffer]
      const message = JSON.parse(data.toString()) as { id?: number; result: Record<string, unknown> }
      if (message.id === id) return message.result
    }
  }
  await call('HeapProfiler.enable')
  await call('HeapProfiler.collectGarbage')
  const { usedSize } = await call('Runtime.getHeapUsage')
  socket.terminate()
  return Number(usedSize)
}
