import { ensurePrefectAws } from '../../../scripts/set-up/prefect.mjs'
import { freePort } from '../../compat/target.ts'
import { eventually } from '../../faults/eventually.ts'
import { start } from '../../sdk/processes.ts'

export interface ObjectStore {
  readonly endpoint: string
  /** Takes any keys until it is told not to: then those of nobody. */
  checkKeys(isOn: boolean): Promise<void>
  /** One that everybody may look into. */
  makeBucket(name: string): Promise<void>
  /** Keys of a bucket. */
  list(bucket: string): Promise<string[]>
}

/** Starts a server that speaks S3, in memory and on the loopback; it is gone when the tests of the file are over. */
export async function startObjectStore(): Promise<ObjectStore> {
  const { motoCommand } = await ensurePrefectAws()
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  start(motoCommand, ['-H', '127.0.0.1', '-p', String(port)], {})
  await eventually(() => fetch(`${endpoint}/moto-api/`).then((answer) => answer.ok, () => false), 'the object store to answer', 60)
  const call = async (path: string, options: RequestInit = {}): Promise<string> => {
    const answer = await fetch(`${endpoint}${path}`, options)
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`)
    return await answer.text()
  }
  return {
    endpoint,
    checkKeys: async (isOn) => void (await call('/moto-api/reset-auth', { method: 'POST', body: isOn ? '0' : 'inf' })),
    makeBucket: async (name) => void (await call(`/${name}`, { method: 'PUT', headers: { 'x-amz-acl': 'public-read-write' } })),
    list: async (bucket) => [...(await call(`/${bucket}?list-type=2`)).matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key!),
  }
}
