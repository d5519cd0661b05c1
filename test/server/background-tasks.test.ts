import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { testBound } from './bound.ts'
import { startServerProcess, temporaryFolder } from './server-process.ts'

testBound('taskDoubtMs', 'a task that a killed server had handed out, and nobody acknowledged, is handed out again', async (t) => {
  const env = { SPILLWAY_HOME: temporaryFolder(t), SPILLWAY_LIMITS: 'taskDoubtMs=300' }
  const first = await startServerProcess(t, env)
  const state = { type: 'SCHEDULED', state_details: { deferred: true } }
  const body = JSON.stringify({ flow_run_id: null, task_key: 'mow', dynamic_key: randomUUID(), state })
  const made = await fetch(`${first.url}/api/task_runs/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { id } = (await made.json()) as { id: string }
  assert.equal((await nextTask(t, first.url)).id, id)
  first.child.kill('SIGKILL')
  await first.ended

  const second = await startServerProcess(t, env)
  assert.equal((await nextTask(t, second.url)).id, id)
  const metrics = await (await fetch(`${second.url}/api/metrics`)).text()
  assert.match(metrics, /^spillway_limit_reached_total\{limit="taskDoubtMs"\} 1$/m)
})

/** What a task worker that has just come is given first. */
async function nextTask(t: { after(work: () => unknown): void }, url: string): Promise<{ id: string }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/task_runs/subscriptions/scheduled`, 'prefect')
  socket.on('error', () => {})
  t.after(() => socket.terminate())
  await once(socket, 'open')
  socket.send('{"type":"auth","token":null}')
  await once(socket, 'message')
  socket.send('{"type":"subscribe","keys":["mow"],"client_id":"test"}')
  const [data] = (await once(socket, 'message')) as [Buffer]
  return JSON.parse(data.toString()) as { id: string }
}
