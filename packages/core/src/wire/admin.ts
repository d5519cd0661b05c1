import { model, optional, uuid } from './schema.ts'
import type { Static } from './schema.ts'

export const ServerDefaultResultStorage = model('ServerDefaultResultStorage', {
  default_result_storage_block_id: optional(uuid()),
})
export type ServerDefaultResultStorage = Static<typeof ServerDefaultResultStorage>

export const ServerDefaultResultStorageUpdate = model('ServerDefaultResultStorageUpdate', {
  default_result_storage_block_id: uuid(),
})
export type ServerDefaultResultStorageUpdate = Static<typeof ServerDefaultResultStorageUpdate>

export { Settings } from './settings/all.ts'
