import { talk } from '../call.ts'
import type { Call, CallList, SocketStep } from '../call.ts'

const secret = 'admin:own-secret'
const header = { Authorization: `Basic ${Buffer.from(secret).toString('base64')}` }
const filter: SocketStep[] = [{ send: { type: 'filter', filter: {}, backfill: false } }, { ping: true }]
const nothing: SocketStep[] = [{ ping: true }]

/** Offers sub-protocols that the server does not choose: as a header, because the client would not go on without its choice. */
function offering(names: string): Record<string, string> {
  return { 'Sec-WebSocket-Protocol': names }
}

/** Fault A26: ways to begin a stream. What each comes to depends on whether the server has a password. */
function handshakes(path: string, first: SocketStep[]): Call[] {
  const auth = (more: Record<string, unknown>): SocketStep[] => [{ send: { type: 'auth', ...more } }, { receive: 1 }, ...first]
  return [
    talk(path, auth({ token: secret })),
    talk(path, auth({ token: null })),
    talk(path, auth({ token: '' })),
    talk(path, auth({ token: 'wrong' })),
    talk(path, auth({})),
    talk(path, auth({ token: secret }), { protocols: ['other', 'prefect'] }),
    talk(path, auth({ token: secret }), { protocols: ['prefect', 'other'] }),
    talk(path, first, { protocols: [] }),
    talk(path, first, { protocols: [], headers: header }),
    talk(path, first, { protocols: [], headers: offering('Prefect') }),
    talk(path, first, { protocols: [], headers: { ...header, ...offering('other') } }),
    talk(path, auth({ token: null }), { headers: header }),
  ]
}

export const handshakesWithoutPassword: CallList = {
  name: 'handshakes-without-password',
  calls: [...handshakes('/events/out', filter), ...handshakes('/work_pools/none/workers/connect', nothing)],
}

export const handshakesWithPassword: CallList = {
  name: 'handshakes-with-password',
  env: { PREFECT_SERVER_API_AUTH_STRING: secret },
  calls: [...handshakes('/events/out', filter), ...handshakes('/work_pools/none/workers/connect', nothing)],
}
