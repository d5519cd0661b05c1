/** The bare stack's writer thread: every message is one turn's commands; what waits in the port shares the commit. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { BareStore, type BareCommand } from './bare-store.ts'

const store = new BareStore(workerData.path)
store.migrate()
parentPort!.on('message', async (first: BareCommand[]) => {
  const batch = first
  for (let next = receiveMessageOnPort(parentPort!); next; next = receiveMessageOnPort(parentPort!)) batch.push(...next.message)
  parentPort!.postMessage(await store.runGroup(batch))
})
parentPort!.postMessage('ready')
