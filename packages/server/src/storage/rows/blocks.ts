import { rowEncoder } from '../row-encoder.ts'

export interface BlockTypeRow {
  id: string
  created: number
  updated: number
  name: string
  slug: string
  logo_url: string | null
  documentation_url: string | null
  description: string | null
  code_example: string | null
  is_protected: number
}

export interface BlockSchemaRow {
  id: string
  created: number
  updated: number
  checksum: string
  /** JSON text, without the references to other blocks and their definitions. */
  fields: string
  block_type_id: string
  /** JSON array of texts. */
  capabilities: string
  version: string
}

export interface BlockDocumentRow {
  id: string
  created: number
  updated: number
  name: string
  /** Encrypted JSON text. */
  data: string
  is_anonymous: number
  block_schema_id: string
  block_type_id: string
  block_type_name: string | null
}

export const encodeBlockType = rowEncoder<BlockTypeRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  slug: 'text',
  logo_url: 'text',
  documentation_url: 'text',
  description: 'text',
  code_example: 'text',
  is_protected: 'bool',
})
