import { ok } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'
import { rowEncoder } from '../storage/row-encoder.ts'

interface CsrfTokenRow {
  id: string
  created: number
  updated: number
  client: string
  token: string
  expiration: number
}

const encodeCsrfToken = rowEncoder<CsrfTokenRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  token: 'text',
  client: 'text',
  expiration: 'time',
})

/** Gives a client a new token, in the place of the one it had. Expired tokens of others go in passing. */
async function issueCsrfToken(tx: Tx, args: { client: string; validSeconds: number }): Promise<Answer> {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const token = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  await tx.run('delete from csrf_token where expiration < ?', [tx.nowUs])
  const row = await tx.get<CsrfTokenRow>(
    `insert into csrf_token (id, created, updated, client, token, expiration) values (?, ?, ?, ?, ?, ?)
     on conflict (client)
     do update set updated = excluded.updated, token = excluded.token, expiration = excluded.expiration
     returning *`,
    [tx.newId(), tx.nowUs, tx.nowUs, args.client, token, tx.nowUs + Math.round(args.validSeconds * 1e6)],
  )
  return ok(encodeCsrfToken(row!, tx.nowUs))
}

export const csrfCommands = { issueCsrfToken }
