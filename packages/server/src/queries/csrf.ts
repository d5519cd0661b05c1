import type { Sql } from '../storage/port.ts'

/** True when the client has this token and it has not expired. */
async function isCsrfTokenValid(sql: Sql, args: { client: string; token: string }): Promise<boolean> {
  const row = await sql.get('select 1 from csrf_token where client = ? and token = ? and expiration > ?', [
    args.client,
    args.token,
    sql.nowUs,
  ])
  return row !== undefined
}

export const csrfQueries = { isCsrfTokenValid }
