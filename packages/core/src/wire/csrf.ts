import { dateTime, model, nullable, text, uuid } from './schema.ts'
import type { Static } from './schema.ts'

export const CsrfToken = model('CsrfToken', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  token: text(),
  client: text(),
  expiration: dateTime(),
})
export type CsrfToken = Static<typeof CsrfToken>
