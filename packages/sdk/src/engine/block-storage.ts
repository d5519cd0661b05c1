import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BlockDocument } from '@spillway/core/wire/block-documents'
import { SpillwayError } from '../errors.ts'
import type { Session } from '../session.ts'
import { LocalStorage, type ResultStorage } from './result-storage.ts'

const known = new WeakMap<Session, Map<string, Promise<ResultStorage>>>()

/**
 * The storage that a block describes, as Python uses it: `local-file-system/…`, and `remote-file-system/…` on a disk.
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
  return new LocalStorage(folderOf(found, reference), found.id)
}

function folderOf({ block_type: type, data }: BlockDocument, reference: string): string {
  const { basepath } = data as { basepath?: string | null }
  if (type?.slug === 'local-file-system') return path.resolve((basepath ?? '.').replace(/^~(?=\/|$)/, homedir()))
  if (type?.slug === 'remote-file-system' && basepath?.startsWith('file://')) return fileURLToPath(basepath)
  throw new SpillwayError('storage-unsupported', `results in the block ${reference} (${type?.slug ?? 'unknown type'}) are not read or written here: use local-file-system, or remote-file-system with file://, on a disk that both sides reach`)
}
