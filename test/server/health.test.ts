import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { freePort } from './free-port.ts'
import { startTestServer } from './in-process.ts'
import { runRefusedServer, temporaryFolder } from './server-process.ts'

test('health and readiness answer as Prefect does', async (t) => {
  const server = await startTestServer(t)
  const health = await server.get('/api/health')
  assert.equal(health.status, 200)
  assert.equal(await health.text(), 'true')
  const ready = await server.get('/api/ready')
  assert.equal(ready.status, 200)
  assert.deepEqual(await ready.json(), { message: 'OK' })
})

for (const form of ['', '127.0.0.1:']) {
  test(`SPILLWAY_HEALTH_LISTEN=${form}<port> serves health, readiness and metrics without a password, and nothing else`, async (t) => {
    const port = await freePort()
    await startTestServer(t, { SPILLWAY_HEALTH_LISTEN: `${form}${port}`, PREFECT_SERVER_API_AUTH_STRING: 'admin:pass' })
    const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`)
    assert.equal(await (await get('/health')).text(), 'true')
    assert.equal((await get('/api/health')).status, 200)
    assert.deepEqual(await (await get('/ready')).json(), { message: 'OK' })
    const metrics = await get('/metrics')
    assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain/)
    assert.match(await metrics.text(), /spillway_limit_reached_total/)
    assert.equal((await get('/api/flows/filter')).status, 404)
    assert.equal((await get('/api/admin/settings')).status, 404)
  })
}

test('a taken port for the health listener is told, and nothing stays behind', async (t) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  t.after(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const refused = await runRefusedServer({ SPILLWAY_HOME: temporaryFolder(t), SPILLWAY_HEALTH_LISTEN: String(port) })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /SPILLWAY_HEALTH_LISTEN/)
})

test('metrics are Prometheus text: each family once, with help and type', async (t) => {
  const server = await startTestServer(t)
  await server.post('/api/flows/', { name: 'x' })
  const answer = await server.get('/api/metrics')
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const lines = (await answer.text()).trimEnd().split('\n')
  const typed = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2])
  assert.equal(new Set(typed).size, typed.length)
  for (const line of lines) assert.match(line, /^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\{.*\})? -?[0-9.e+-]+(Inf)?)$/, line)
  assert.ok(lines.some((line) => line.startsWith('prefect_server_api_request_duration_seconds_count{method="POST",route="/flows/",status="201"} 1')))
})
