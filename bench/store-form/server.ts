/** A Fastify server over one form of the store. `node server.ts <form> <database file>`; sends `{ port }` by IPC when it listens. */
import Fastify from 'fastify'
import { openStore, type Form } from './forms.ts'

const [form, path] = process.argv.slice(2) as [Form, string]
const store = await openStore(form, path)
const app = Fastify()
// The store's side parses (but in form f): the connection thread only passes the text on.
app.removeContentTypeParser('application/json')
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
  done(null, form === 'f' ? JSON.parse(body as string) : body)
})

app.get('/api/health', async () => true)
app.post('/api/flows/', async (_request, reply) => reply.code(201).send({ id: '01930000-0000-7000-8000-000000000001' }))
app.post('/api/flow_runs/', async (request, reply) => {
  const answer = await store.write({ name: 'create', id: null, body: request.body as string | object })
  return reply.code(answer.status).type('application/json').send(answer.json)
})
app.post('/api/flow_runs/:id/set_state', async (request, reply) => {
  const { id } = request.params as { id: string }
  const answer = await store.write({ name: 'setState', id, body: request.body as string | object })
  return reply.code(answer.status).type('application/json').send(answer.json)
})
app.get('/slow-read/:ms', async (request) => {
  await store.readFor(Number((request.params as { ms: string }).ms))
  return true
})
await app.listen({ host: '127.0.0.1', port: 0, backlog: 4096 })
const address = app.server.address() as { port: number }
process.send!({ port: address.port })
