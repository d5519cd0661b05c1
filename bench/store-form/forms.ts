import { once } from 'node:events'
import { MessageChannel, Worker, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { LifecycleStore, type Answer, type Command } from './lifecycle-store.ts'

/** The ways to place the store that are compared. */
export const FORMS = {
  a: 'a transaction each, on the connection thread',
  b: 'group commit, on the connection thread',
  c: 'group commit in a writer thread, a message per command',
  d: 'group commit in a writer thread, a message per turn',
  e: 'group commit in a writer thread that sleeps on an atomic, a message per turn',
  f: 'as d, but bodies are parsed on the connection thread and cross as objects',
} as const

export type Form = keyof typeof FORMS

/** Longer than any lock that the bench holds. */
export const BUSY_MS = 10_000

export interface Store {
  write(command: Command): Promise<Answer>
  readFor(ms: number): Promise<void>
}

export async function openStore(form: Form, path: string): Promise<Store> {
  if (form === 'a' || form === 'b') return sameThread(new LifecycleStore(path, BUSY_MS), form === 'b')
  return threaded(form, path)
}

type Waiting = (answer: Answer) => void

/** Commands gathered in one turn of the event loop share a commit. */
function sameThread(store: LifecycleStore, group: boolean): Store {
  let commands: Command[] = []
  let waiting: Waiting[] = []
  const drain = async () => {
    const batch = commands
    const replies = waiting
    commands = []
    waiting = []
    const answers = await store.run(batch, true)
    answers.forEach((answer, n) => replies[n]!(answer))
  }
  return {
    write: async (command) => {
      if (!group) return (await store.run([command], false))[0]!
      return new Promise((resolve) => {
        if (commands.push(command) === 1) setImmediate(drain)
        waiting.push(resolve)
      })
    },
    readFor: async (ms) => store.readFor(ms),
  }
}

async function threaded(form: Exclude<Form, 'a' | 'b'>, path: string): Promise<Store> {
  const writer = await startThread({ role: 'writer', form, path })
  const reader = await startThread({ role: 'reader', form, path })
  const signal = writer.signal
  const waiting: Waiting[] = []
  let turn: Command[] = []
  writer.port.on('message', (message: Answer | Answer[]) => {
    if (!Array.isArray(message)) return waiting.shift()!(message)
    const replies = waiting.splice(0, message.length)
    message.forEach((answer, n) => replies[n]!(answer))
  })
  const post = (message: Command | Command[]) => {
    writer.port.postMessage(message)
    if (form !== 'e') return
    Atomics.add(signal, 0, 1)
    Atomics.notify(signal, 0)
  }
  const flush = () => {
    post(turn)
    turn = []
  }
  return {
    write: (command) => new Promise((resolve) => {
      waiting.push(resolve)
      if (form === 'c') post(command)
      else if (turn.push(command) === 1) setImmediate(flush)
    }),
    readFor: async (ms) => {
      reader.port.postMessage(ms)
      await once(reader.port, 'message')
    },
  }
}

interface ThreadSetup {
  role: 'writer' | 'reader'
  form: Form
  path: string
}

async function startThread(setup: ThreadSetup): Promise<{ port: MessagePort; signal: Int32Array }> {
  const { port1, port2 } = new MessageChannel()
  const signal = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('./store-thread.ts', import.meta.url), {
    workerData: { ...setup, port: port2, signal },
    transferList: [port2],
  })
  worker.on('error', (error) => { throw error })
  await once(port1, 'message')
  return { port: port1, signal }
}

/** All messages that lie in the port now. */
export function drainPort<T>(port: MessagePort): T[] {
  const messages: T[] = []
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) messages.push(next.message)
  return messages
}
