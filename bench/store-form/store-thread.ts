/** The store's side of the threaded forms: a writer or a reader. */
import { workerData, type MessagePort } from 'node:worker_threads'
import { BUSY_MS, drainPort, type Form } from './forms.ts'
import { LifecycleStore, type Command } from './lifecycle-store.ts'

const { role, form, path, port, signal } = workerData as {
  role: 'writer' | 'reader'
  form: Form
  path: string
  port: MessagePort
  signal: Int32Array
}
const store = new LifecycleStore(path, BUSY_MS)

/** One message per command; what came while the last commit ran shares the next. */
function writeSingly(): void {
  let commands: Command[] = []
  let busy = false
  const drain = async () => {
    busy = true
    const batch = commands
    commands = []
    const answers = await store.run(batch, true)
    for (const answer of answers) port.postMessage(answer)
    busy = false
    if (commands.length > 0) setImmediate(drain)
  }
  port.on('message', (command: Command) => {
    if (commands.push(command) === 1 && !busy) setImmediate(drain)
  })
}

/** One message per turn of the connection thread; the rest of the port is taken along. */
function writeTurns(): void {
  let busy = false
  port.on('message', async (first: Command[]) => {
    const batch = [first, ...drainPort<Command[]>(port)].flat()
    if (busy) throw new Error('the writer was entered twice')
    busy = true
    const answers = await store.run(batch, true)
    busy = false
    port.postMessage(answers)
  })
}

/** The same without the event loop: the thread sleeps on a counter that the connection thread raises. */
async function writeOnSignal(): Promise<never> {
  for (;;) {
    const seen = Atomics.load(signal, 0)
    const batch = drainPort<Command[]>(port).flat()
    if (batch.length === 0) Atomics.wait(signal, 0, seen)
    else port.postMessage(await store.run(batch, true))
  }
}

function read(): void {
  port.on('message', (ms: number) => {
    store.readFor(ms)
    port.postMessage('done')
  })
}

port.postMessage('ready')
if (role === 'reader') read()
else if (form === 'c') writeSingly()
else if (form === 'e') void writeOnSignal()
else writeTurns()
