import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atEnd } from '../../sdk/at-end.ts'

type Fault = (request: IncomingMessage, response: ServerResponse) => void

/** Between a client and an object store, as a proxy too: each request meets the next fault of the list, or gets through. */
export interface FaultyStore {
  readonly endpoint: string
  /** Methods. */
  readonly requests: string[]
  /** Whose keys have signed the last request, and for which region. */
  signer(): string | undefined
  faults: Fault[]
}

export async function startFaultyStore(target: string): Promise<FaultyStore> {
  const requests: string[] = []
  let signer: string | undefined
  const server = createServer((request, response) => {
    requests.push(request.method!)
    const [, id, region] = /Credential=([^/]+)\/\d+\/([^/]+)/.exec(request.headers.authorization ?? '') ?? []
    signer = id && `${id} for ${region}`
    const { pathname, search } = new URL(request.url!, target)
    const fault = store.faults.shift()
    if (fault) fault(request, response)
    else request.pipe(send(`${target}${pathname}${search}`, { method: request.method!, headers: { ...request.headers, host: new URL(target).host } }, (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => {
    server.close()
    server.closeAllConnections()
  })
  const store: FaultyStore = { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, signer: () => signer, faults: [] }
  return store
}

/** As S3 says that it is called too often. */
export const slowDown: Fault = (request, response) => {
  request.resume()
  response.writeHead(503, { 'content-type': 'application/xml' }).end('<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>')
}

/** As Amazon refuses a role. */
export const denied: Fault = (request, response) => {
  request.resume()
  response.writeHead(403, { 'content-type': 'text/xml' }).end('<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not for you</Message></Error></ErrorResponse>')
}

/** Never answers. */
export const hang: Fault = (request) => void request.resume()

/** Begins a result and ends the connection in the middle of it. */
export const breakOff: Fault = (_request, response) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('{"metadata":', () => response.destroy())
}

/** Says that the result is larger than any that can be read. */
export const huge: Fault = (_request, response) => {
  response.writeHead(200, { 'content-length': String(300 * 1024 * 1024) })
  response.write('{')
}

/** Sends without end, and does not say how much. */
export const endless: Fault = (_request, response) => {
  response.writeHead(200)
  const chunk = Buffer.alloc(1024 * 1024, 0x20)
  const more = (): void => {
    if (!response.destroyed) response.write(chunk, () => setImmediate(more))
  }
  more()
}
