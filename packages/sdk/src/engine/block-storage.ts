import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BlockDocument } from '@spillway/core/wire/block-documents'
import { SpillwayError } from '../errors.ts'
import type { Session } from '../session.ts'
import { LocalStorage, type ResultStorage } from './result-storage.ts'

const known = new WeakMap<Session, Map<string, Promise<ResultStorage>>>()

/**
 * The storage that a block describes, as Python uses it: `local-file-system/…`, `s3-bucket/…`, and `remote-file-system/…` on a disk or in S3.
 *
 * @param reference `type/name`, or the block's id as a state names it
 * @throws {SpillwayError} `block-missing`, `storage-unsupported`
 */
export async function storageOfBlock(session: Session, reference: string): Promise<ResultStorage> {
  const storages = known.get(session) ?? new Map<string, Promise<ResultStorage>>()
  known.set(session, storages)
  const storage = storages.get(reference) ?? load(session, reference)
  storages.set(reference, storage)
  storage.catch(() => storages.delete(reference))
  return await storage
}

async function load({ remote, settings }: Session, reference: string): Promise<ResultStorage> {
  if (!remote) throw new SpillwayError('no-server', `the storage block ${reference} needs a server: set PREFECT_API_URL`)
  const options = { patienceMs: settings.patienceMs }
  const [slug, name] = reference.split('/')
  const found = name === undefined ? await remote.client.readBlock(reference, options) : await remote.client.findBlock(slug!, name, options)
  if (!found) throw new SpillwayError('block-missing', `there is no block '${reference}' to keep results in; the ones there are: prefect block ls`)
  return folderOf(found) ?? (await bucketOf(found, reference)) ?? refuse(found, reference)
}

function folderOf({ id, block_type: type, data }: BlockDocument): ResultStorage | undefined {
  const { basepath } = data as { basepath?: string | null }
  if (type?.slug === 'local-file-system') return new LocalStorage(path.resolve((basepath ?? '.').replace(/^~(?=\/|$)/, homedir())), id)
  if (type?.slug === 'remote-file-system' && basepath?.startsWith('file://')) return new LocalStorage(fileURLToPath(basepath), id)
  return undefined
}

/** What it takes is loaded by those who keep results in S3 alone. */
async function bucketOf({ id, block_type: type, data }: BlockDocument, reference: string): Promise<ResultStorage | undefined> {
  if (type?.slug !== 's3-bucket' && type?.slug !== 'remote-file-system') return undefined
  const [{ settingsOfS3Bucket, settingsOfS3Path }, { S3Storage }] = await Promise.all([import('./s3-settings.ts'), import('./s3-storage.ts')])
  const document = data as Readonly<Record<string, unknown>>
  const settings = type.slug === 's3-bucket' ? settingsOfS3Bucket(document, reference) : settingsOfS3Path(document, reference)
  return settings && new S3Storage(settings, id, reference)
}

function refuse({ block_type: type, data }: BlockDocument, reference: string): never {
  const { basepath } = data as { basepath?: string | null }
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(basepath ?? '')?.[0]
  const what = [type?.slug ?? 'unknown type', ...(scheme === undefined ? [] : [scheme])].join(', ')
  throw new SpillwayError(
    'storage-unsupported',
    `results in the block ${reference} (${what}) are not read or written here: use s3-bucket, or remote-file-system with s3://, which any store with S3's protocol answers; ` +
      'or local-file-system, or remote-file-system with file://, on a disk that both sides reach',
  )
}
