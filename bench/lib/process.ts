import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Starts a bench file as its own process with an IPC channel; its stderr is ours, its stdout too. `env` comes on top of ours. */
export function startPart(file: URL, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return fork(fileURLToPath(file), args, {
    env: { ...process.env, ...env },
    execArgv: ['--conditions=spillway-source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

/** The next message of a part. Rejects when it ends without one. */
export async function nextMessage<T>(part: ChildProcess): Promise<T> {
  const done = new AbortController()
  const message = once(part, 'message', { signal: done.signal })
  const exit = once(part, 'exit', { signal: done.signal }).then(([code, signal]) => {
    throw new Error(`a part of the bench ended early (code ${code}, signal ${signal})`)
  })
  try {
    const [value] = await Promise.race([message, exit])
    return value as T
  } finally {
    done.abort()
    await Promise.allSettled([message, exit])
  }
}

/** Sends a request to a part and waits for its answer. */
export function ask<T>(part: ChildProcess, request: object): Promise<T> {
  const answer = nextMessage<T>(part)
  part.send(request)
  return answer
}

/** Ends a part and waits until it is gone; after 10 s by force. */
export async function endPart(part: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (part.exitCode !== null || part.signalCode !== null) return
  const gone = once(part, 'exit')
  part.kill(signal)
  const force = setTimeout(() => part.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(force)
}
