import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { startPython, type Line, type PythonPart } from '../faults/python.ts'
import { StoredRuns } from '../faults/stored-runs.ts'
import { temporaryFolder } from '../server/server-process.ts'
import { RestartableServer } from './lib/restartable-server.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const driver = new URL('./drivers/background.py', import.meta.url)

interface Parts {
  server: RestartableServer
  stored: StoredRuns
  submitter: PythonPart
  worker(limit: number): Promise<PythonPart>
}

async function startParts(t: { after(work: () => unknown): void }): Promise<Parts> {
  const server = await RestartableServer.start(t, { SPILLWAY_LIMITS: 'taskDoubtMs=4000' })
  // The parameters of a background task go through a folder that both sides see.
  const options = { env: { PREFECT_LOCAL_STORAGE_PATH: temporaryFolder(t), PREFECT_LOGGING_LEVEL: 'INFO' } }
  const stored = new StoredRuns(server.home)
  t.after(() => stored.close())
  const start = async (...args: string[]): Promise<PythonPart> => {
    const part = await startPython(t, driver, server.apiUrl, args, options)
    await part.all((line) => line['ready'] === true, 1, `${args[0]} to begin`)
    return part
  }
  const worker = async (limit: number): Promise<PythonPart> => {
    const before = await server.openStreams('task-subscriptions')
    const part = await start('serve', String(limit))
    await eventually(async () => (await server.openStreams('task-subscriptions')) > before, 'the task worker to subscribe', 30)
    return part
  }
  return { server, stored, submitter: await start('submit'), worker }
}

const began = (line: Line): boolean => 'ran' in line
const numbers = (parts: readonly PythonPart[]): number[] => parts.flatMap((part) => part.soFar(began).map((line) => Number(line['ran']))).sort((a, b) => a - b)

test('two task workers share background tasks, and each runs exactly once through restarts of the server', async (t) => {
  const { server, stored, submitter, worker } = await startParts(t)
  const room = 2
  const workers = await Promise.all([worker(room), worker(room)])
  const each = soak ? 60 : 16
  let submitted = 0
  /** Submits tasks that go on once the gate is there, and waits until neither worker has room for another one. */
  const fillWorkers = async (count: number, gate: string): Promise<void> => {
    const before = submitted
    submitter.send({ submit: count, gate })
    submitted += count
    await submitter.all((line) => 'submitted' in line, submitted, 'the tasks to be submitted')
    await eventually(() => numbers(workers).length >= before + workers.length * room, 'both workers to be full', 30)
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const gate = path.join(server.home, `gate-${signal}`)
    // Two tasks each are under way then, one is acknowledged, one handed out and not acknowledged.
    await fillWorkers(each, gate)
    await server.stop(signal)
    await server.start()
    writeFileSync(gate, '')
    await eventually(() => numbers(workers).length >= submitted, 'every task to run', 40).catch(() => {})
  }
  // Who comes back first after a restart may take all that is left. That both are back is seen by what they have room for together.
  const gate = path.join(server.home, 'gate-afterwards')
  await fillWorkers(each, gate)
  writeFileSync(gate, '')
  await eventually(() => numbers(workers).length >= submitted, 'every task to run', 40).catch(() => {})
  const all = Array.from({ length: submitted }, (_, n) => n)
  assert.deepEqual(numbers(workers), all, `every task ran once:\n${workers.map((part) => part.errors()).join('\n')}`)
  for (const part of workers) assert.ok(part.soFar(began).length >= 3 * room, 'both workers had their share each time')
  await eventually(() => stored.openTaskRuns().length === 0, 'every task run to be terminal', 60)
  assert.equal(stored.count(`select count(*) from task_run where state_type = 'COMPLETED'`), submitted)
  stored.assertWhole()
})

test('a task worker that is killed leaves what it has not acknowledged to the other', async (t) => {
  const { server, submitter, worker } = await startParts(t)
  const first = await worker(1)
  const tasks = 6
  const gate = path.join(server.home, 'gate')
  submitter.send({ submit: tasks, gate })
  const submitted = await submitter.all((line) => 'submitted' in line, tasks, 'the tasks to be submitted')
  await eventually(() => first.errors().split('Received task run').length > 2, 'the first worker to be full', 30)
  first.signal('SIGKILL')
  await first.ended
  writeFileSync(gate, '')
  const second = await worker(1)
  // A stock worker acknowledges a task before it has room for it, and tells so in its log.
  const acknowledged = new Set([...first.errors().matchAll(/Received task run: (\S+)/g)].map(([, id]) => id))
  const others = submitted.filter(({ id }) => !acknowledged.has(String(id))).map((line) => Number(line['submitted']))
  assert.ok(others.length > 0 && acknowledged.size < tasks, 'something was left to do')
  await eventually(() => numbers([second]).length >= others.length, 'the second worker to run the rest', 30).catch(() => {})
  assert.deepEqual(numbers([second]), others, second.errors())
})
