import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { makeTempDir } from '../compat/target.ts'
import { startSpillway } from '../compat/spillway.ts'
import { atEnd } from '../sdk/at-end.ts'
import { installedIn, run, sizeOf, userEnvironment } from './lib/install.ts'
import { packAll, root, type PackedPackage } from './lib/packed.ts'
import { startRegistry } from './lib/registry.ts'

/** What docs/sdk.md promises: bytes of everything that `npm install @spillway/sdk` puts on the disk. */
const sdkBytesMax = 6_500_000
const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> }
const compiler = [`typescript@${devDependencies['typescript']}`, `@types/node@${devDependencies['@types/node']}`]
const tsconfig = { compilerOptions: { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: ['node'] } }

let packages: PackedPackage[]
let registry: string
let home: string
let env: Record<string, string>

before(async () => {
  const packed = await packAll()
  packages = packed.packages
  const running = await startRegistry(packages)
  registry = running.url
  home = makeTempDir('user')
  env = userEnvironment(registry, home)
  atEnd(() => {
    running.close()
    for (const folder of [packed.folder, home]) rmSync(folder, { recursive: true, force: true })
  })
})

test('what is published is built code with its types, without tests and sources', () => {
  for (const { name, files } of packages) {
    assert.deepEqual(files.filter((file) => /\.test\.|\.fixture\.|(?<!\.d)\.ts$/.test(file)), [], name)
    assert.ok(files.some((file) => file.endsWith('.js')), name)
  }
  const of = (name: string): readonly string[] => packages.find((packed) => packed.name === name)!.files
  for (const file of ['main.js', 'exports/index.d.ts', 'exports/client.d.ts', 'exports/testing.d.ts']) assert.ok(of('spillway').includes(`dist/${file}`), file)
  for (const file of ['index.d.ts', 'runner/child.js', 'concurrency/lease-thread.js', 'testing/index.d.ts']) assert.ok(of('@spillway/sdk').includes(`dist/${file}`), file)
})

describe('spillway, installed from its tarball in an empty folder', () => {
  let folder: string

  before(async () => {
    folder = await installedIn(registry, home, ['spillway', ...compiler])
    atEnd(() => rmSync(folder, { recursive: true, force: true }))
  })

  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text)
    return name
  }

  test('brings no TypeScript that would have to be stripped', () => {
    const sources = ['spillway', '@spillway'].flatMap((name) =>
      readdirSync(path.join(folder, 'node_modules', name), { recursive: true }).filter((found) => /(?<!\.d)\.ts$/.test(String(found))),
    )
    assert.deepEqual(sources, [])
  })

  test('runs a flow on a server from plain JavaScript', async () => {
    const target = await startSpillway()
    atEnd(() => target.stop())
    const name = file('flow.js', `
      import { flow, task } from 'spillway'
      import { ApiClient, readSdkSettings } from 'spillway/client'
      const double = task({ name: 'double' }, (x) => x * 2)
      const main = flow({ name: 'from-javascript' }, async ({ x }) => await double(x))
      const value = await main({ x: 21 })
      const client = new ApiClient({ settings: readSdkSettings() })
      const runs = await client.filterFlowRuns({ flows: { name: { any_: ['from-javascript'] } } })
      await client.close()
      console.log(JSON.stringify({ value, states: runs.map((run) => run.state_name) }))
    `)
    const { stdout } = await run('node', [name], { cwd: folder, env: { ...env, PREFECT_API_URL: target.apiUrl } })
    assert.deepEqual(JSON.parse(stdout), { value: 42, states: ['Completed'] })
  })

  test('can be required from CommonJS, and is the same module there', async () => {
    const name = file('flow.cjs', `
      const { flow, task } = require('spillway')
      const { runFlow } = require('spillway/testing')
      const { ApiClient } = require('spillway/client')
      const double = task({ name: 'double' }, (x) => x * 2)
      const main = flow({ name: 'main' }, async ({ x }) => await double(x))
      Promise.all([runFlow(main, { x: 21 }), import('spillway')]).then(([run, imported]) =>
        console.log(JSON.stringify([run.outcome.value, imported.flow === flow, typeof ApiClient])))
    `)
    assert.deepEqual(JSON.parse((await run('node', [name], { cwd: folder, env })).stdout), [42, true, 'function'])
  })

  test('has types that a strict compiler takes, and that refuse wrong parameters', async () => {
    file('tsconfig.json', JSON.stringify({ ...tsconfig, include: ['typed.ts'] }))
    const name = file('typed.ts', `
      import { flow, runDeployment, task, type DeploymentRun, type Flow } from 'spillway'
      import { flow as sdkFlow } from '@spillway/sdk'
      import { ApiClient, readSdkSettings, type FlowRun, type SdkSettings } from 'spillway/client'
      import { mock, runFlow, testServer } from 'spillway/testing'

      const double = task({ name: 'double' }, (x: number) => x * 2)
      export const main: Flow<{ x: number }, number> = flow({ name: 'main' }, async ({ x }: { x: number }) => await double(x))
      export const calls: (() => Promise<DeploymentRun<number>>)[] = [() => runDeployment(main, 'prod', { x: 1 })]
      // @ts-expect-error: a text is no number
      calls.push(() => runDeployment(main, 'prod', { x: 'one' }))
      const settings: SdkSettings = readSdkSettings({ PREFECT_API_URL: 'http://127.0.0.1:1/api' })
      const client = new ApiClient({ settings })
      export const late = (): Promise<FlowRun[]> => client.request('POST /flow_runs/filter', { body: { flow_runs: { state: { name: { any_: ['Late'] } } } } })
      // @ts-expect-error: there is no such route
      export const lost = () => client.request('POST /flow_runs/search', {})
      const run = await runFlow(main, { x: 21 }, { mocks: [mock(double, (x) => x * 3)] })
      console.log(JSON.stringify([run.outcome.ok && run.outcome.value, flow === sdkFlow, client.apiUrl, typeof testServer]))
    `)
    await run('npx', ['--no-install', 'tsc', '-p', '.'], { cwd: folder, env })
    assert.deepEqual(JSON.parse((await run('node', [name], { cwd: folder, env })).stdout), [63, true, 'http://127.0.0.1:1/api', 'function'])
  })

  test('has the command, which says on an older Node what it needs', async () => {
    const { stdout } = await run('npx', ['--no-install', 'spillway', '--help'], { cwd: folder, env })
    assert.match(stdout, /Usage: spillway/)
    file('older.mjs', "Object.defineProperty(process.versions, 'node', { value: '22.19.0' })")
    const onOlder = run('node', ['--import', './older.mjs', 'node_modules/spillway/dist/main.js', '--help'], { cwd: folder, env })
    await assert.rejects(onOlder, (error: { code: number; stderr: string }) => error.code === 1 && /needs Node 24 or later, and this is Node 22\.19\.0\.\n.*nodejs\.org/.test(error.stderr))
  })
})

describe('@spillway/sdk alone, from the tarballs and no registry that knows it', () => {
  let folder: string

  before(async () => {
    const stranger = await startRegistry([])
    const tarballs = packages.filter(({ name }) => name === '@spillway/sdk' || name === '@spillway/core').map((packed) => packed.file)
    folder = await installedIn(stranger.url, home, tarballs)
    atEnd(() => {
      stranger.close()
      rmSync(folder, { recursive: true, force: true })
    })
  })

  test('is as small on the disk as its page says, and brings no server', (t) => {
    const bytes = sizeOf(path.join(folder, 'node_modules'))
    t.diagnostic(`${bytes} bytes`)
    assert.ok(bytes < sdkBytesMax, `${bytes} bytes`)
    assert.ok(readFileSync(path.join(root, 'docs/sdk.md'), 'utf8').includes(`at most ${(sdkBytesMax / 1e6).toFixed(1)} MB`), 'docs/sdk.md names another bound')
    const installed = readdirSync(path.join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
    assert.deepEqual(installed.toSorted(), ['@spillway', 'typebox', 'undici', 'ws'])
    assert.deepEqual(readdirSync(path.join(folder, 'node_modules/@spillway')).toSorted(), ['core', 'sdk'])
  })

  test('starts in at most three times what its HTTP and websocket libraries take', async (t) => {
    const load = async (...modules: string[]): Promise<number> => {
      const program = `${modules.map((name) => `await import('${name}')`).join(';')}; console.log(process.cpuUsage().user + process.cpuUsage().system)`
      const { stdout } = await run('node', ['--input-type=module', '-e', program], { cwd: folder, env })
      return Number(stdout)
    }
    // The least of several: whatever else the machine does only adds to it.
    const least = async (...modules: string[]): Promise<number> => {
      const all: number[] = []
      for (let attempt = 0; attempt < 4; attempt++) all.push(await load(...modules))
      return Math.min(...all)
    }
    const [bare, libraries, sdk] = [await least(), await least('undici', 'ws'), await least('@spillway/sdk')]
    t.diagnostic(`CPU: ${JSON.stringify({ bare, libraries, sdk })} µs`)
    assert.ok(sdk - bare < 3 * (libraries - bare), JSON.stringify({ bare, libraries, sdk }))
  })

  test('says which package results in S3 take, and uses it when it is there', async () => {
    const target = await startSpillway()
    atEnd(() => target.stop())
    writeFileSync(path.join(folder, 'keeps.js'), `
      import { flow, saveBlock } from '@spillway/sdk'
      const settings = { key: 'k', secret: 's', client_kwargs: { endpoint_url: 'http://127.0.0.1:1' }, config_kwargs: { retries: { max_attempts: 0 } } }
      await saveBlock('remote-file-system/s3', { basepath: 's3://results', settings })
      const keeps = flow({ name: 'keeps', result: { persist: true, storage: 'remote-file-system/s3' } }, async () => 1)
      console.log(await keeps().catch((error) => error.message))
    `)
    const keeps = async (): Promise<string> => (await run('node', ['keeps.js'], { cwd: folder, env: { ...env, PREFECT_API_URL: target.apiUrl } })).stdout
    assert.match(await keeps(), /results in the block remote-file-system\/s3 lie in S3, which takes the package @aws-sdk\/client-s3: npm install @aws-sdk\/client-s3\n/)
    const { devDependencies: sdk } = JSON.parse(readFileSync(path.join(root, 'packages/sdk/package.json'), 'utf8')) as { devDependencies: Record<string, string> }
    await run('npm', ['install', '--no-audit', '--no-fund', `@aws-sdk/client-s3@${sdk['@aws-sdk/client-s3']}`], { cwd: folder, env })
    assert.match(await keeps(), /s3:\/\/results\/\w+ cannot be written: 127\.0\.0\.1:1 cannot be reached/)
  })
})
