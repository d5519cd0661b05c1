// Subscribes to the events of a flood, and stays in its loop at the first one until it is told to go on. Run with --expose-gc.
import { Session, setDefaultSession, subscribe } from '../../packages/sdk/src/index.ts'

/** What this program says, as messages to its parent. */
export type FromConsumer =
  | { readonly kind: 'begun' }
  | { readonly kind: 'memory'; readonly bytes: number }
  | { readonly kind: 'log'; readonly message: string }
  | { readonly kind: 'seen'; readonly numbers: readonly number[] }

const count = Number(process.argv[2])
const tell = (message: FromConsumer): void => void process.send!(message)
const session = new Session({ logSink: ({ message }) => tell({ kind: 'log', message }) })
setDefaultSession(session)
let goOn = (): void => {}
const told = new Promise<void>((resolve) => (goOn = resolve))
process.on('message', (message) => {
  if (message === 'go on') return goOn()
  globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  tell({ kind: 'memory', bytes: heapUsed + external })
})

const numbers: number[] = []
for await (const { payload } of subscribe({ event: 'flood.*' }, { since: '5m' })) {
  numbers.push(payload['number'] as number)
  if (numbers.length === 1) {
    tell({ kind: 'begun' })
    await told
  }
  // Whatever comes twice comes before the end.
  if (new Set(numbers).size === count) break
}
tell({ kind: 'seen', numbers })
await session.close()
process.disconnect()
