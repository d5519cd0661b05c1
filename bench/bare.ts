/**
 * The bare stack: Fastify, ws and node:sqlite writing the rows that Spillway writes, in group commits, with no rules, no validation,
 * no limits and no metrics. It is the ceiling that Spillway's figures are held against, so it takes the fastest form measured:
 * writes in a writer thread (see store-form.ts), reads on the connection thread, which no server that must not stall could do.
 *
 *     node --conditions=spillway-source bench/bare.ts <database file> [port]
 *
 * Prints its address. Ends on SIGTERM. With BARE_EVENTS=unstored events go to the subscribers only: plain `ws`, nothing written.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { ingestUpgrade } from './bare/bare-ingest.ts'
import { BareStore, type BareAnswer, type BareCommand } from './bare/bare-store.ts'
import { BareStreams } from './bare/bare-streams.ts'

const [path, port] = process.argv.slice(2)
if (!path) throw new Error('usage: bare.ts <database file> [port]')

const writer = new Worker(new URL('./bare/bare-writer.ts', import.meta.url), { workerData: { path } })
writer.on('error', (error) => { throw error })
await once(writer, 'message')
const reads = new BareStore(path)

let turn: BareCommand[] = []
const waiting: ((answer: BareAnswer) => void)[] = []
writer.on('message', (answers: BareAnswer[]) => {
  const replies = waiting.splice(0, answers.length)
  answers.forEach((answer, n) => replies[n]!(answer))
})

function write(command: BareCommand): Promise<BareAnswer> {
  if (turn.push(command) === 1) {
    setImmediate(() => {
      writer.postMessage(turn)
      turn = []
    })
  }
  return new Promise((resolve) => waiting.push(resolve))
}

const streams = new BareStreams()
const storesEvents = process.env['BARE_EVENTS'] !== 'unstored'

async function addEvents(body: string): Promise<BareAnswer> {
  const made = storesEvents ? await write({ name: 'addEvents', body }) : { status: 204, json: '' }
  streams.publish(body)
  return made
}

async function answer(reply: FastifyReply, made: BareAnswer | Promise<BareAnswer>) {
  const { status, json } = await made
  reply.code(status)
  return status === 204 ? reply.send() : reply.type('application/json').send(json)
}

function page(request: FastifyRequest): { limit: number; page: number; offset: number } {
  const body = JSON.parse(request.body as string)
  const limit = body.limit ?? 200
  return { limit, page: body.page ?? 1, offset: body.offset ?? 0 }
}

const app = Fastify({ bodyLimit: 64 * 1024 * 1024 })
// The writer parses; this thread passes the text on.
app.removeContentTypeParser('application/json')
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))

app.get('/api/health', async () => true)
app.post('/api/flows/', (request, reply) => answer(reply, write({ name: 'createFlow', body: request.body as string })))
app.post('/api/flow_runs/', (request, reply) => answer(reply, write({ name: 'createRun', body: request.body as string })))
app.post('/api/flow_runs/:id/set_state', (request, reply) =>
  answer(reply, write({ name: 'setState', id: (request.params as { id: string }).id, body: request.body as string })))
app.get('/api/flow_runs/:id', (request, reply) => answer(reply, reads.readRun((request.params as { id: string }).id)))
app.post('/api/flow_runs/filter', (request, reply) => {
  const { limit, offset } = page(request)
  return answer(reply, { status: 200, json: reads.listRuns(limit, offset) })
})
app.post('/api/flow_runs/paginate', (request, reply) => {
  const { limit, page: number } = page(request)
  const count = reads.countRuns()
  const results = reads.listRuns(limit, (number - 1) * limit)
  const json = `{"results":${results},"count":${count},"limit":${limit},"pages":${Math.ceil(count / limit)},"page":${number}}`
  return answer(reply, { status: 200, json })
})
app.post('/api/events', (request, reply) => answer(reply, addEvents(request.body as string)))
app.post('/api/events/filter', (request, reply) => {
  const name: string = JSON.parse(request.body as string).filter.event.name[0]
  return answer(reply, { status: 200, json: `{"events":[],"total":${reads.countEvents(name)},"next_page":null}` })
})
app.post('/api/logs/', (request, reply) => answer(reply, write({ name: 'addLogs', body: request.body as string })))

const takeEmitter = ingestUpgrade(addEvents)
app.server.on('upgrade', (request, socket, head) => {
  if (request.url === '/api/events/in') takeEmitter(request, socket, head)
  else if (request.url === '/api/events/out') streams.upgrade(request, socket, head)
  else socket.destroy()
})
console.log(`bare stack on ${await app.listen({ host: '127.0.0.1', port: Number(port ?? 0), backlog: 4096 })}`)
process.once('SIGTERM', () => process.exit(0))
