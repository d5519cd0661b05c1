import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { eventually } from '../faults/eventually.ts'
import { makeTempDir } from '../compat/target.ts'
import { atEnd } from '../sdk/at-end.ts'
import { start } from '../sdk/processes.ts'
import { forgetNpx, run, userEnvironment } from './lib/install.ts'
import { packAll, root } from './lib/packed.ts'
import { startRegistry } from './lib/registry.ts'

/** For the commands of the quick start up to the run that the API shows, beside what npm fetches and installs. */
const quickStartMs = 120_000

interface Run {
  readonly id: string
  readonly state_name: string
  readonly deployment_id: string | null
}

/** What README.md tells a new user to do, command by command, with nothing on the machine but Node and npm. */
describe('the quick start in TypeScript, from the packed packages in an empty folder', () => {
  let work: string
  let env: Record<string, string>
  let apiUrl: string
  let elapsedMs = 0
  const timed = async <T>(step: Promise<T>): Promise<T> => {
    const startedMs = performance.now()
    const value = await step
    elapsedMs += performance.now() - startedMs
    return value
  }
  const project = (): string => path.join(work, 'my-flows')

  before(async () => {
    const packed = await packAll()
    const registry = await startRegistry(packed.packages)
    const home = makeTempDir('user')
    work = makeTempDir('new-user')
    env = userEnvironment(registry.url, home)
    forgetNpx()
    atEnd(() => {
      registry.close()
      for (const folder of [packed.folder, home, work]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
  })

  const post = async <T>(route: string, body: object): Promise<T> => {
    const answer = await fetch(`${apiUrl}${route}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    assert.ok(answer.ok, `${route}: ${answer.status}`)
    return (await answer.json()) as T
  }

  test('README.md names the same commands in the same order', () => {
    const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
    const places = ['npx spillway init my-flows', 'npm install\n', 'npm run server', 'npm run hello', 'npx spillway flow-run ls', 'npm run serve '].map((command) => readme.indexOf(command))
    assert.ok(places.every((place, index) => place > (places[index - 1] ?? 0)), String(places))
  })

  test('npx spillway init makes a project and says what comes next', async () => {
    // The first command of npx installs what it runs.
    await run('npx', ['spillway', 'version'], { cwd: work, env })
    const { stdout } = await timed(run('npx', ['spillway', 'init', 'my-flows'], { cwd: work, env }))
    for (const step of ['cd my-flows', 'npm install', 'npm run server', 'npm run hello', 'npm run serve']) assert.ok(stdout.includes(step), stdout)
    await run('npm', ['install'], { cwd: project(), env })
  })

  test('npm run server and npm run hello: the run shows through the API within two minutes beside the installs', async (t) => {
    // The one thing that a user does not do: 4200 may belong to somebody else on this machine.
    const server = start('npm', ['run', 'server', '--', '--port', '0'], env, project())
    let port: string | undefined
    await timed(eventually(() => (port = /running at http:\S+:(\d+)\n/.exec(server.output())?.[1]) !== undefined, 'the server to start', 120))
    apiUrl = `http://127.0.0.1:${port}/api`
    const settings = path.join(project(), '.env')
    writeFileSync(settings, readFileSync(settings, 'utf8').replace(':4200/', `:${port}/`))
    const { stdout } = await timed(run('npm', ['run', 'hello'], { cwd: project(), env }))
    assert.match(stdout, /Hello, dam!/)
    const runs = await timed(post<Run[]>('/flow_runs/filter', { flows: { name: { any_: ['hello'] } } }))
    assert.deepEqual(runs.map((one) => one.state_name), ['Completed'])
    const listed = JSON.parse((await run('npx', ['spillway', 'flow-run', 'ls', '--json'], { cwd: project(), env })).stdout) as Run[]
    assert.deepEqual(listed.map((one) => one.id), runs.map((one) => one.id))
    t.diagnostic(`${Math.round(elapsedMs / 1000)} s beside the installs`)
    assert.ok(elapsedMs < quickStartMs, `${elapsedMs} ms`)
  })

  test('npm run serve: a run that is started on the server comes to its end', async () => {
    const served = start('npm', ['run', 'serve'], env, project())
    await eventually(() => served.output().includes('serving hello/dev'), 'hello/dev to be served', 120)
    const [deployment] = await post<{ id: string; parameter_openapi_schema: { properties: object } }[]>('/deployments/filter', {})
    assert.deepEqual(Object.keys(deployment!.parameter_openapi_schema.properties), ['names'])
    const { id } = await post<Run>(`/deployments/${deployment!.id}/create_flow_run`, { parameters: { names: ['weir'] } })
    let state: string | undefined
    await eventually(async () => {
      const [seen] = await post<Run[]>('/flow_runs/filter', { flow_runs: { id: { any_: [id] } } })
      state = seen?.state_name
      return state === 'Completed' || state === 'Failed' || state === 'Crashed'
    }, 'the run to end', 180)
    assert.equal(state, 'Completed', served.output())
  })

  test('with the commands that a user types, each kind of worker runs what the other command has deployed', async () => {
    const prefect = await ensurePrefect('3.8.8')
    const [pythonProject, elsewhere] = [path.join(work, 'py-flows'), path.join(work, 'elsewhere')]
    mkdirSync(elsewhere)
    cpSync(path.join(import.meta.dirname, 'python'), pythonProject, { recursive: true })
    // Its virtual environment stands in its folder, as usual, and the worker is started without it.
    symlinkSync(prefect.dir, path.join(pythonProject, '.venv'))
    const python = { ...env, PREFECT_API_URL: apiUrl, PREFECT_WORKER_QUERY_SECONDS: '1', DO_NOT_TRACK: '1' }
    const spillway = async (...words: string[]): Promise<string> => (await run('npx', ['spillway', ...words], { cwd: project(), env: { ...env, PREFECT_WORKER_QUERY_SECONDS: '1' } })).stdout
    await Promise.all([spillway('work-pool', 'create', 'ours', '--type', 'process'), spillway('work-pool', 'create', 'stock', '--type', 'process')])
    const workers = [
      start('npx', ['spillway', 'worker', 'start', '--pool', 'ours'], env, project()),
      start(prefect.prefectCommand, ['worker', 'start', '--pool', 'stock'], python, elsewhere),
    ]
    await Promise.all([
      run(prefect.prefectCommand, ['--no-prompt', 'deploy', 'hello.py:hello', '-n', 'x', '-p', 'ours'], { cwd: pythonProject, env: python }),
      spillway('deploy', 'flows/hello.ts:hello', '-n', 'x', '-p', 'stock'),
    ])
    const ended = await Promise.all(['py-hello/x', 'hello/x'].map(async (name) => {
      const output = await spillway('deployment', 'run', name, '--watch', '--watch-timeout', '400', '--json').catch((error: { stdout: string }) => error.stdout)
      return JSON.parse(output) as Run & { state: { message: string | null } }
    }))
    assert.deepEqual(ended.map(({ state_name: state }) => state), ['Completed', 'Completed'], [...ended.map(({ state }) => state.message), ...workers.map((worker) => worker.output())].join('\n'))
    assert.match(workers[0]!.output(), /Hello from Python, dam!/)
    assert.match(workers[1]!.output(), /Hello, dam! Hello, river!/)
  })

  test('npm run check: the project compiles as it was made', async () => {
    await run('npm', ['run', 'check'], { cwd: project(), env })
  })

  test('init overwrites nothing, and says what to do', async () => {
    const before = readFileSync(path.join(project(), 'package.json'), 'utf8')
    const again = run('npx', ['spillway', 'init', 'my-flows'], { cwd: work, env })
    await assert.rejects(again, (error: { code: number; stderr: string }) => error.code === 1 && /has package\.json.* already[^]*spillway init/.test(error.stderr))
    assert.equal(readFileSync(path.join(project(), 'package.json'), 'utf8'), before)
  })
})
