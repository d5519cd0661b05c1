import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { ensurePrefectAws } from '../../scripts/set-up/prefect.mjs'
import { flow, loadBlock, saveBlock, Secret, setDefaultSession, task, transaction, type ApiClient, type Session } from '../../packages/sdk/src/index.ts'
import { storageOfBlock } from '../../packages/sdk/src/engine/block-storage.ts'
import { readStateResult } from '../../packages/sdk/src/engine/state-result.ts'
import type { SpillwayError } from '../../packages/sdk/src/errors.ts'
import { sdkLimits } from '../../packages/sdk/src/limits.ts'
import { cleanEnvironment, makeTempDir } from '../compat/target.ts'
import { sessionWith, startTarget } from '../sdk/targets.ts'
import { breakOff, denied, endless, hang, huge, slowDown, startFaultyStore, type FaultyStore } from './lib/faulty-store.ts'
import { startObjectStore, type ObjectStore } from './lib/object-store.ts'

const here = path.dirname(fileURLToPath(import.meta.url))
const user = 'dam-keeper'
const password = 'sluice-gate-42'
const blocksOfPython = ['s3-bucket/minio', 's3-bucket/aws', 'remote-file-system/s3'] as const
const blocks = [...blocksOfPython, 's3-bucket/typescript'] as const
/** Python keeps results there: the folder of the block, and then the key. */
const folders = { 's3-bucket/minio': 'runs/kept/', 's3-bucket/aws': '', 'remote-file-system/s3': 'remote/', 's3-bucket/typescript': 'made/here/' }

let store: ObjectStore
let session: Session
let client: ApiClient
let log: readonly string[]
/** Flow runs of Python by the block that their results are in. */
let pythonRuns: Record<string, string>
let python: (script: string, args?: readonly string[]) => Promise<string>

before(async () => {
  const prefect = await ensurePrefectAws()
  const target = await startTarget('Spillway')
  store = await startObjectStore()
  const keys = { AWS_ACCESS_KEY_ID: user, AWS_SECRET_ACCESS_KEY: password }
  Object.assign(process.env, keys)
  const own = sessionWith(target.apiUrl)
  ;({ session, log } = own)
  setDefaultSession(session)
  client = session.remote!.client
  await store.makeBucket('results')
  const credentials = { minio_root_user: user, minio_root_password: new Secret(password), aws_client_parameters: { endpoint_url: store.endpoint } }
  await saveBlock('s3-bucket/typescript', { bucket_name: 'results', bucket_folder: 'made/here', credentials })
  const env = cleanEnvironment({ ...own.env, ...keys, S3_ENDPOINT: store.endpoint, S3_USER: user, S3_PASSWORD: password, DO_NOT_TRACK: '1' })
  python = async (script, args = []) => {
    const { stdout } = await promisify(execFile)(prefect.python, [path.join(here, 'python', script), ...args], { env, timeout: 120_000 })
    return /^(?:RUNS|RESULTS) (.*)$/m.exec(stdout)![1]!
  }
  pythonRuns = JSON.parse(await python('keeps.py')) as Record<string, string>
})

/** The run of a flow that keeps its result in a block, and how often its cached task has run. */
async function keepIn(block: string, value: unknown, cacheKey = `key-of-${block}`): Promise<{ runId: string; calls: number }> {
  let calls = 0
  const cached = task({ name: 'cached', cache: { key: () => cacheKey } }, async () => {
    calls++
    return 'computed by TypeScript'
  })
  let runId = ''
  const keeps = flow({ name: 'keeps', result: { persist: true, storage: block } }, async (_: object, run) => {
    runId = run.flowRun!.id
    return { value, cached: await cached() }
  })
  await keeps({})
  return { runId, calls }
}

async function resultOf(runId: string): Promise<unknown> {
  const state = (await client.readFlowRun(runId))!.state!
  return await readStateResult(session, { ...state, name: state.name! })
}

describe('results in S3', () => {
  test('that Python keeps are read, whatever kind of block and credentials it takes', async () => {
    for (const block of blocksOfPython) assert.deepEqual(await resultOf(pythonRuns[block]!), { 'kept in': block, cached: 'computed by Python' }, block)
  })

  test('that TypeScript keeps are read by TypeScript and by Python, which finds kept results of tasks too', async () => {
    const runs = await Promise.all(blocks.map((block) => keepIn(block, new Date(0))))
    await keepIn('s3-bucket/minio', 1, 'from-typescript')
    for (const { runId } of runs) assert.deepEqual(await resultOf(runId), { value: new Date(0), cached: 'computed by TypeScript' })
    const read = JSON.parse(await python('reads.py', runs.map(({ runId }) => runId))) as { results: { value: unknown; cached: string }[]; cached: string }
    assert.deepEqual(read.results, blocks.map(() => ({ value: '1970-01-01 00:00:00+00:00', cached: 'computed by TypeScript' })))
    assert.equal(read.cached, 'computed by TypeScript')
  })

  test('in a block that TypeScript has made are behind keys that are secret in it', async () => {
    const shown = await client.call<object>('GET', '/block_types/slug/s3-bucket/block_documents/name/typescript')
    assert.match(JSON.stringify(shown), /"minio_root_password":"\*{8}"/)
    const loaded = await loadBlock('s3-bucket/typescript', { schema: z.object({ credentials: z.object({ minio_root_password: z.instanceof(Secret) }) }) })
    assert.equal(loaded.credentials.minio_root_password.get(), password)
  })

  test('lie in the folder of the block, under the key that the state names', async () => {
    for (const block of blocks) {
      const { runId } = await keepIn(block, 'here')
      const { state } = (await client.readFlowRun(runId))!
      const { storage_key: key } = state!.data as { storage_key: string }
      assert.ok((await store.list('results')).includes(`${folders[block]}${key}`), `${folders[block]}${key}`)
    }
  })

  test('spare a task from running again, also when it was Python that ran it', async () => {
    assert.equal((await keepIn('s3-bucket/minio', 1, 'twice')).calls, 1)
    assert.equal((await keepIn('s3-bucket/minio', 2, 'twice')).calls, 0)
    assert.equal((await keepIn('s3-bucket/minio', 3, 'from-python')).calls, 0)
    assert.equal((await keepIn('remote-file-system/s3', 3, 'from-python')).calls, 0)
  })

  test('give transactions no locks, and say so', async () => {
    const main = flow({ name: 'locked', result: { storage: 's3-bucket/minio' } }, async () => await transaction({ key: 'one', isolation: 'serializable' }, async () => 1))
    await assert.rejects(main({}), (error: SpillwayError) => error.code === 'storage-without-locks' && /results in a folder have them/.test(error.message))
  })

  test('must not lead out of the folder', async () => {
    const storage = await storageOfBlock(session, 's3-bucket/minio')
    for (const name of ['../other', '/other', 'a/../../b']) assert.throws(() => storage.keyFor(name), /leads out of the folder of s3-bucket\/minio/)
  })
})

describe('the way to S3', () => {
  let seen: FaultyStore

  before(async () => {
    seen = await startFaultyStore(store.endpoint)
  })

  /** Who has signed a write to a block of these fields. */
  async function signerOf(name: string, credentials: object, endpoint = seen.endpoint): Promise<string | undefined> {
    await saveBlock(`s3-bucket/${name}`, { bucket_name: 'results', credentials: { ...credentials, aws_client_parameters: { endpoint_url: endpoint } } })
    await (await storageOfBlock(session, `s3-bucket/${name}`)).write('any', '1')
    return seen.signer()
  }

  test('is signed with the keys of the block, else with those of its profile, else with those of the environment', async (t) => {
    const folder = makeTempDir('aws')
    t.after(() => rmSync(folder, { recursive: true }))
    writeFileSync(path.join(folder, 'credentials'), '[dam]\naws_access_key_id = of-the-profile\naws_secret_access_key = s\n')
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = path.join(folder, 'credentials')
    t.after(() => delete process.env['AWS_SHARED_CREDENTIALS_FILE'])
    assert.equal(await signerOf('of-the-block', { aws_access_key_id: 'of-the-block', aws_secret_access_key: 's', region_name: 'eu-west-3' }), 'of-the-block for eu-west-3')
    assert.equal(await signerOf('of-the-profile', { profile_name: 'dam' }), 'of-the-profile for us-east-1')
    assert.equal(await signerOf('of-nobody', {}), `${user} for us-east-1`)
  })

  test('is signed with the keys of the role that the block names', async (t) => {
    const roles = await startFaultyStore(store.endpoint)
    process.env['AWS_ENDPOINT_URL_STS'] = roles.endpoint
    t.after(() => delete process.env['AWS_ENDPOINT_URL_STS'])
    const role = { assume_role_arn: 'arn:aws:iam::123456789012:role/results', assume_role_kwargs: { ExternalId: 'x' } }
    const signer = await signerOf('of-a-role', { aws_access_key_id: 'of-the-block', aws_secret_access_key: 's', ...role })
    assert.match(signer!, /^ASIA\w+ for us-east-1$/)
    assert.equal(roles.signer(), 'of-the-block for us-east-1')
    roles.faults = [denied]
    await assert.rejects(signerOf('of-no-role', role), /the role arn:aws:iam::123456789012:role\/results cannot be assumed \(AccessDenied: .*\); check assume_role_arn of the block s3-bucket\/of-no-role/)
  })

  test('is not signed where the block wants nobody to sign', async () => {
    await saveBlock('remote-file-system/anonymous', { basepath: 's3://results', settings: { anon: true, endpoint_url: seen.endpoint } })
    const storage = await storageOfBlock(session, 'remote-file-system/anonymous')
    assert.equal(await storage.read('nothing'), undefined)
    assert.equal(seen.signer(), undefined)
  })

  test('leads through the proxy of the environment', async (t) => {
    process.env['http_proxy'] = seen.endpoint
    t.after(() => delete process.env['http_proxy'])
    const before = seen.requests.length
    assert.equal(await signerOf('behind-a-proxy', {}, 'http://store.test'), `${user} for us-east-1`)
    assert.equal(seen.requests.length, before + 1)
  })
})

describe('when S3 does not do what it is asked for', () => {
  let faulty: FaultyStore

  before(async () => {
    faulty = await startFaultyStore(store.endpoint)
    const settings = (config: object): object => ({ key: user, secret: password, client_kwargs: { endpoint_url: faulty.endpoint }, config_kwargs: config })
    await saveBlock('remote-file-system/faulty', { basepath: 's3://results/faulty', settings: settings({}) })
    await saveBlock('remote-file-system/hasty', { basepath: 's3://results/faulty', settings: settings({ read_timeout: 0.3, retries: { max_attempts: 1 } }) })
    await saveBlock('remote-file-system/nowhere', { basepath: 's3://no-such-bucket', settings: settings({}) })
    await saveBlock('remote-file-system/google', { basepath: 'gs://results/kept', settings: {} })
  })

  beforeEach(() => {
    faulty.faults = []
    faulty.requests.length = 0
  })

  test('because it is asked too often, it is asked again', async () => {
    const storage = await storageOfBlock(session, 'remote-file-system/faulty')
    faulty.faults = [slowDown, slowDown]
    await storage.write('slow', '"kept"')
    faulty.faults = [slowDown, slowDown]
    assert.equal(await storage.read('slow'), '"kept"')
    assert.deepEqual(faulty.requests, ['PUT', 'PUT', 'PUT', 'GET', 'GET', 'GET'])
  })

  test('and breaks off in the middle of a result, that is read again', async () => {
    const storage = await storageOfBlock(session, 'remote-file-system/faulty')
    await storage.write('broken', '"whole"')
    faulty.faults = [breakOff, breakOff]
    assert.equal(await storage.read('broken'), '"whole"')
  })

  test('or says nothing at all, that ends by the time-out of the block, and with a word on where to look', async () => {
    const storage = await storageOfBlock(session, 'remote-file-system/hasty')
    for (const attempt of [() => storage.read('x'), () => storage.write('x', '1')]) {
      faulty.faults = [hang, hang]
      await assert.rejects(attempt(), (error: SpillwayError) => error.code === 'storage-failed' && error.retryable && /cannot be reached, or broke off.*check endpoint_url of the block remote-file-system\/hasty/.test(error.message))
    }
    assert.equal(faulty.requests.length, 4)
  })

  test('a result that is too large is refused before it fills the memory', async () => {
    const storage = await storageOfBlock(session, 'remote-file-system/faulty')
    for (const fault of [huge, endless]) {
      faulty.faults = [fault]
      await assert.rejects(storage.read('large'), new RegExp(`s3://results/faulty/large cannot be read: it takes \\d+ bytes or more, and a result at most ${sdkLimits.s3ResultBytes}`))
    }
    assert.deepEqual(faulty.requests, ['GET', 'GET'])
  })

  test('a missing result is told as in a folder, and a missing bucket by its name', async () => {
    const { runId } = await keepIn('s3-bucket/minio', 'gone')
    const { state } = (await client.readFlowRun(runId))!
    const { storage_key: key } = state!.data as { storage_key: string }
    const answer = await fetch(`${store.endpoint}/results/runs/kept/${key}`, { method: 'DELETE' })
    assert.equal(answer.status, 204)
    await assert.rejects(resultOf(runId), { code: 'result-missing', message: `the result of the run is not at ${key}: it ran on another machine, or somebody removed it` })
    await assert.rejects(keepIn('remote-file-system/nowhere', 1), /s3:\/\/no-such-bucket\/\S+ cannot be written: there is no bucket 'no-such-bucket'; make it, or correct the name in the block remote-file-system\/nowhere/)
  })

  test('keys that it does not take are told by the block, and never shown', async () => {
    const storage = await storageOfBlock(session, 's3-bucket/minio')
    await store.checkKeys(true)
    try {
      const refused = (error: SpillwayError): boolean => /the store does not take the credentials .*; correct those of the block s3-bucket\/minio/.test(error.message)
      await assert.rejects(storage.read('any'), refused)
      await assert.rejects(keepIn('s3-bucket/minio', 1), refused)
    } finally {
      await store.checkKeys(false)
    }
    const runs = await client.filterFlowRuns({ flows: { name: { any_: ['keeps'] } }, sort: 'START_TIME_DESC', limit: 200 })
    assert.ok(runs.some(({ state }) => state?.type === 'FAILED'))
    for (const text of [log.join('\n'), JSON.stringify(runs)]) assert.ok(!text.includes(password))
  })

  test('storage of another kind is an error that names those there are', async () => {
    await assert.rejects(keepIn('remote-file-system/google', 1), (error: SpillwayError) => error.code === 'storage-unsupported' && /\(remote-file-system, gs:\/\/\) are not read or written here: use s3-bucket, or remote-file-system with s3:\/\//.test(error.message))
  })
})
