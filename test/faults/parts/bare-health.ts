/** The least HTTP server that Node can be: what a probe of the same machine at the same time can reach at best. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('true'))
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
