import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { settingsOfS3Bucket, settingsOfS3Path, type S3Settings } from './s3-settings.ts'
import { clientOptions, S3Storage } from './s3-storage.ts'

/** The storage of a block whose store answers as it is told. */
async function storageOn(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<{ storage: S3Storage; requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const settings = { key: 'k', secret: 's', endpoint_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  return { storage: new S3Storage(settingsOfS3Path({ basepath: 's3://bucket/folder', settings }, 'the block')!, 'id', 'the block'), requests }
}

test('s3Attempts: so often a result is read that breaks off each time', async (t) => {
  const { storage, requests } = await storageOn(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{', () => response.destroy())
  })
  await assert.rejects(storage.read('x'), (error: SpillwayError) => error.code === 'storage-failed' && error.retryable)
  assert.deepEqual(requests, Array.from({ length: sdkLimits.s3Attempts }, () => 'GET /bucket/folder/x?x-id=GetObject'))
})

test('s3ResultBytes: a result that says it is larger is not read, and one that is larger not written', async (t) => {
  const { storage, requests } = await storageOn(t, (_request, response) => {
    response.writeHead(200, { 'content-length': String(sdkLimits.s3ResultBytes + 1) })
    response.write('{')
  })
  await assert.rejects(storage.read('x'), new RegExp(`takes ${sdkLimits.s3ResultBytes + 1} bytes or more, and a result at most ${sdkLimits.s3ResultBytes}: keep the data as an object of its own`))
  await assert.rejects(storage.write('x', ' '.repeat(sdkLimits.s3ResultBytes + 1)), /s3:\/\/bucket\/folder\/x cannot be written: it takes/)
  assert.equal(requests.length, 1)
})

test('s3CallTimeoutMs: a store that never answers is given up, and the connection let go', async (t) => {
  const given: number[] = []
  const timeout = AbortSignal.timeout.bind(AbortSignal)
  t.mock.method(AbortSignal, 'timeout', (ms: number) => (given.push(ms), timeout(20)))
  const { storage } = await storageOn(t, (request) => void request.resume())
  await assert.rejects(storage.read('x'), /cannot be reached, or broke off/)
  assert.deepEqual(given, [sdkLimits.s3CallTimeoutMs])
})

test('s3ConnectTimeoutMs and s3IdleTimeoutMs: the client is given these, unless the block has others', () => {
  const of = (settings: S3Settings): number[] => {
    const { connectionTimeout, socketTimeout } = clientOptions(settings, undefined, 'the block').requestHandler
    return [connectionTimeout, socketTimeout]
  }
  assert.deepEqual(of(settingsOfS3Bucket({ bucket_name: 'b' }, 'x')), [sdkLimits.s3ConnectTimeoutMs, sdkLimits.s3IdleTimeoutMs])
  const config = { connect_timeout: 2, read_timeout: 0.5 }
  assert.deepEqual(of(settingsOfS3Bucket({ bucket_name: 'b', credentials: { aws_client_parameters: { config } } }, 'x')), [2000, 500])
})

test('the bucket is part of the path where there is an endpoint, unless the block says otherwise', () => {
  const isPath = (addressing_style: string | undefined, endpoint: string | undefined): boolean =>
    clientOptions(settingsOfS3Bucket({ bucket_name: 'b', credentials: { aws_client_parameters: { config: { s3: { addressing_style } } } } }, 'x'), endpoint, 'x').forcePathStyle
  assert.deepEqual([isPath(undefined, undefined), isPath('path', undefined), isPath('auto', 'http://s3.test'), isPath('virtual', 'http://s3.test')], [false, true, true, false])
})
