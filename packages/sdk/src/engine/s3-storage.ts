import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { asError, SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import type { ResultStorage } from './result-storage.ts'
import { describeS3Error, isMissing } from './s3-errors.ts'
import type { S3Role, S3Settings } from './s3-settings.ts'

/**
 * A bucket of S3, or of a store that speaks its protocol. A write is seen as a whole or not at all, by all readers at once.
 * It has no locks: no two stores agree on what would be needed for them.
 */
export class S3Storage implements ResultStorage {
  readonly blockId: string
  readonly #settings: S3Settings
  readonly #reference: string
  #opened: Promise<OpenStore> | undefined

  /** @param reference the block, for errors */
  constructor(settings: S3Settings, blockId: string, reference: string) {
    this.#settings = settings
    this.blockId = blockId
    this.#reference = reference
  }

  /** @throws {TypeError} for a name that leads out of the folder. */
  keyFor(name: string): string {
    if (name.startsWith('/') || name.split('/').includes('..')) throw new TypeError(`'${name}' is no name of a result: it leads out of the folder of ${this.#reference}`)
    return name
  }

  async read(key: string): Promise<string | undefined> {
    return await this.#call(key, 'read', async ({ library, client }, place, signal) => {
      for (let attempt = 1; ; attempt++) {
        const answer = await client.send(new library.GetObjectCommand({ Bucket: this.#settings.bucket, Key: place }), { abortSignal: signal })
        const body = answer.Body as Readable
        try {
          refuseTooLarge(answer.ContentLength ?? 0)
          return await readToEnd(body)
        } catch (error) {
          body.destroy()
          // The client repeats what fails before the answer begins, and leaves to us what breaks off in the middle.
          if (error instanceof SpillwayError || signal.aborted || attempt >= sdkLimits.s3Attempts) throw error
          await delay(Math.random() * sdkLimits.s3PauseMs * 2 ** (attempt - 1), undefined, { signal })
        }
      }
    })
  }

  async write(key: string, text: string): Promise<void> {
    await this.#call(key, 'written', async ({ library, client }, place, signal) => {
      refuseTooLarge(Buffer.byteLength(text))
      const object = { ...this.#settings.writeOptions, Bucket: this.#settings.bucket, Key: place, Body: Buffer.from(text), ContentType: 'application/json' }
      await client.send(new library.PutObjectCommand(object), { abortSignal: signal })
    })
  }

  async #open(): Promise<OpenStore> {
    this.#opened ??= open(this.#settings, this.#reference)
    this.#opened.catch(() => (this.#opened = undefined))
    return await this.#opened
  }

  /** @returns undefined when there is no such object */
  async #call<T>(key: string, what: 'read' | 'written', work: (store: OpenStore, place: string, signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { bucket } = this.#settings
    const place = this.#settings.place(key)
    const store = await this.#open()
    try {
      return await work(store, place, AbortSignal.timeout(sdkLimits.s3CallTimeoutMs))
    } catch (error) {
      if (what === 'read' && isMissing(error)) return undefined
      const { why, retryable } = describeS3Error(error, { bucket, reference: this.#reference, endpoint: store.endpoint })
      // The client's own error is left out: it holds the request, whose headers nobody is to see.
      throw new SpillwayError('storage-failed', `s3://${bucket}/${place} cannot be ${what}: ${why}`, { retryable })
    }
  }
}

type Library = typeof import('@aws-sdk/client-s3')

interface OpenStore {
  readonly library: Library
  readonly client: S3Client
  readonly endpoint: string | undefined
}

async function open(settings: S3Settings, reference: string): Promise<OpenStore> {
  const library = await loadLibrary(reference)
  const { env } = process
  const endpoint = settings.endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL']
  const region = settings.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? (endpoint === undefined ? await regionOfProfile(library, settings) : 'us-east-1')
  const options = { ...clientOptions(settings, endpoint, reference), region }
  const role = settings.role && (await assumed(settings.role, settings, region, reference))
  return { library, endpoint, client: new library.S3Client({ ...options, ...(role === undefined ? {} : { credentials: role }) }) }
}

/** Roles are given by Amazon, wherever the bucket is: what the block says of the store's certificates and times is not for them. */
async function assumed(role: S3Role, { credentials, profile }: S3Settings, region: string, reference: string): Promise<S3ClientConfig['credentials']> {
  const { credentialsOfRole } = await import('./s3-role.ts')
  const own = credentials === undefined || credentials === 'none' ? undefined : signed(credentials)
  const agent = { keepAlive: false, proxyEnv: process.env }
  const requestHandler = { connectionTimeout: sdkLimits.s3ConnectTimeoutMs, socketTimeout: sdkLimits.s3IdleTimeoutMs, httpAgent: agent, httpsAgent: agent }
  return await credentialsOfRole(role, { credentials: own, profile, region, requestHandler, reference })
}

async function loadLibrary(reference: string): Promise<Library> {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (cause) {
    const message = `results in the block ${reference} lie in S3, which takes the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3`
    throw new SpillwayError('storage-package-missing', (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND' ? message : `${message} (${asError(cause).message})`, { cause })
  }
}

/** Where nobody names a region, Python takes the oldest one; the store sends on to the bucket's own. */
async function regionOfProfile({ S3Client }: Library, { profile }: S3Settings): Promise<string> {
  const region = new S3Client(profile === undefined ? {} : { profile }).config.region
  return await region().catch(() => 'us-east-1')
}

/** @internal What the client is told; what the block leaves open is as in Python. */
export function clientOptions(settings: S3Settings, endpoint: string | undefined, reference: string) {
  const { credentials, addressing, certificates, profile } = settings
  // Stores that speak S3's protocol do not all know its newer checksums.
  const checksums = endpoint === undefined ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  const agent = { keepAlive: true, maxSockets: sdkLimits.s3Connections, proxyEnv: process.env }
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined ? {} : credentials === 'none' ? unsigned : { credentials: signed(credentials) }),
    forcePathStyle: addressing === 'path' || (endpoint !== undefined && addressing !== 'virtual'),
    followRegionRedirects: true,
    tls: !settings.plain,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    maxAttempts: Math.max(1, settings.attempts ?? sdkLimits.s3Attempts),
    retryMode: 'standard',
    logger: silent,
    requestHandler: {
      connectionTimeout: inMs(settings.connectSeconds) ?? sdkLimits.s3ConnectTimeoutMs,
      socketTimeout: inMs(settings.readSeconds) ?? sdkLimits.s3IdleTimeoutMs,
      httpAgent: agent,
      httpsAgent: { ...agent, ...(certificates === undefined ? {} : certificates === false ? { rejectUnauthorized: false } : { ca: readCertificates(certificates, reference) }) },
      logger: silent,
    },
  } satisfies S3ClientConfig
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}

function signed({ accessKeyId, secretAccessKey, sessionToken }: Exclude<S3Settings['credentials'], 'none' | undefined>): NonNullable<S3ClientConfig['credentials']> {
  return { accessKeyId, secretAccessKey: secretAccessKey.get(), ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.get() }) }
}

const unsigned = { credentials: { accessKeyId: '', secretAccessKey: '' }, signer: { sign: async <T>(request: T) => request } } satisfies S3ClientConfig

/** The client would tell of a full pool, in which a map over many items waits as it should, and of keys that it does not take. */
const silent = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function readCertificates(file: string, reference: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SpillwayError('storage-unsupported', `the certificates that the block ${reference} names cannot be read: ${asError(cause).message}`, { cause })
  }
}

async function readToEnd(body: Readable): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    refuseTooLarge(size)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refuseTooLarge(bytes: number): void {
  const max = sdkLimits.s3ResultBytes
  if (bytes > max) throw new SpillwayError('result-too-large', `it takes ${bytes} bytes or more, and a result at most ${max}: keep the data as an object of its own, and its key as the result`)
}
