import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { startPython, type PythonPart } from '../faults/python.ts'
import { Publisher } from './lib/publisher.ts'
import { RestartableServer } from './lib/restartable-server.ts'

const driver = new URL('./drivers/command.py', import.meta.url)

for (const version of ['3.8.8', '3.9.1']) {
  test(`prefect events stream and flow-run watch ${version} go on through restarts by SIGTERM and SIGKILL`, async (t) => {
    const server = await RestartableServer.start(t)
    const publisher = new Publisher(t, server.apiUrl, { everyMs: 50 })
    const prefect = (...args: string[]): Promise<PythonPart> => startPython(t, driver, server.apiUrl, args, { version, env: { COLUMNS: '200' } })
    const flow = JSON.parse((await publisher.post('/flows/', { name: 'watched' })).body) as { id: string }
    const run = JSON.parse((await publisher.post('/flow_runs/', { flow_id: flow.id, state: { type: 'RUNNING' } })).body) as { id: string }
    const log = async (message: string): Promise<void> => {
      const line = { name: 'stock', level: 20, message, timestamp: new Date().toISOString(), flow_run_id: run.id }
      await publisher.post('/logs/', [line])
    }
    const [stream, watch] = await Promise.all([prefect('events', 'stream', '--format', 'json'), prefect('flow-run', 'watch', run.id)])
    const listening = (): Promise<void> =>
      eventually(async () => (await server.openStreams('events-out')) === 2 && (await server.openStreams('logs-out')) === 1, 'both commands to listen', 30)
    await listening()
    publisher.start()
    await log('before the restarts')
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const mark = publisher.acknowledged.length
      await eventually(() => publisher.acknowledged.length >= mark + 10, 'events before the restart')
      await server.stop(signal)
      await server.start()
      server.assertSoonBack()
      await listening()
      await log(`after ${signal}`)
    }
    await publisher.stop()
    await publisher.post(`/flow_runs/${run.id}/set_state`, { state: { type: 'COMPLETED' }, force: true })
    assert.equal(await watch.ended, 0, watch.errors() + watch.text())
    const printed = watch.text()
    assert.match(printed, /Flow run finished successfully/)
    for (const message of ['before the restarts', 'after SIGTERM', 'after SIGKILL']) {
      assert.equal(printed.split(message).length - 1, 1, `the log line '${message}' is printed once:\n${printed}`)
    }
    assert.equal(printed.split('prefect.flow-run.Completed').length - 1, 1, 'the end is printed once')

    const numbers = (): unknown[] => stream.soFar((line) => line['event'] === 'stock.tick').map((line) => (line['payload'] as { n: number }).n)
    await eventually(() => numbers().length >= publisher.acknowledged.length, 'the stream to print everything').catch(() => {})
    assert.deepEqual(numbers(), publisher.acknowledged, `each event is printed once and in order:\n${stream.errors()}`)
    stream.signal('SIGINT')
    await stream.ended
  })
}
