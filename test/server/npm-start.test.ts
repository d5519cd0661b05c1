import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './server-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `npm start` as a terminal runs it: npm, a shell and Node in one process group. */
async function npmStart(t: { after(work: () => void): void }) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PREFECT|SPILLWAY|NODE_|npm_)/i.test(name))
  const env = { ...Object.fromEntries(inherited), SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_API_PORT: '0' }
  const child = spawn('npm', ['start', '--silent'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  child.stderr.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk
      if (output.includes('Ctrl-C stops it.')) resolve()
    })
    void ended.then(() => reject(new Error(output)))
  })
  return { pid: child.pid!, ended, output: () => output, url: /running at (\S+)/.exec(output)?.[1] ?? '' }
}

for (const [how, who] of [['Ctrl-C in its terminal', -1], ['SIGINT to npm alone', 1]] as const) {
  test(`npm start serves, and ${how} ends it with exit code 0`, async (t) => {
    const started = await npmStart(t)
    assert.equal((await fetch(`${started.url}/api/health`)).status, 200)
    assert.match(started.output(), new RegExp(`export PREFECT_API_URL=${started.url}/api`))
    process.kill(who * started.pid, 'SIGINT')
    assert.equal(await started.ended, 0)
    await assert.rejects(fetch(`${started.url}/api/health`))
  })
}
