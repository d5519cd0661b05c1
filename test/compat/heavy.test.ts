import assert from 'node:assert/strict'
import test from 'node:test'
import { lastLines } from './last-lines.ts'
import { runScript } from './scripts.ts'
import { startSpillway } from './spillway.ts'

const version = '3.8.8'
const soak = process.env['SPILLWAY_SOAK'] === '1'
/** Each child is a Python process, which takes two seconds of a processor to begin. */
const { parents, children } = soak ? { parents: 5, children: 20 } : { parents: 3, children: 5 }
const flows = soak ? 5 : 3
const timeoutMs = 1_200_000

async function run(name: string, env: Record<string, string>): Promise<void> {
  const target = await startSpillway()
  try {
    const done = await runScript({ name, apiUrl: target.apiUrl, prefectVersion: version, env, timeoutMs })
    assert.ok(done.ok, `${lastLines(done.output, 80)}\n--- server ---\n${lastLines(target.output(), 40)}`)
    console.log(done.output.split('\n').filter((line) => line.startsWith('{"')).join('\n'))
    assert.doesNotMatch(target.output(), /"level":(50|60)/, 'no error in the log of the server')
  } finally {
    await target.stop()
  }
}

test('500 submitted tasks are stored within 2 s of the end of their process', async () => {
  await run('many_tasks', { COMPAT_TASKS: '500', COMPAT_FLOWS: '1' })
})

test(`${flows} flows of 500 tasks at once are stored within 2 s of the end of the last`, async () => {
  await run('many_tasks', { COMPAT_TASKS: '500', COMPAT_FLOWS: String(flows) })
})

test(`${parents} flows that start ${children} deployments each, all at once, see every child completed`, async () => {
  await run('fan_out', { COMPAT_FLOWS: String(parents), COMPAT_CHILDREN: String(children) })
})
