import { blockCatalogue } from '../block-catalogue.ts'
import { ok } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'
import { prefectVersion } from '../versions.ts'

/** Adds the block types and schemas that every server has. What is there already is left as it is. */
async function seedBlockTypes(tx: Tx): Promise<Answer> {
  for (const block of blockCatalogue) {
    await tx.run(
      `insert into block_type (id, created, updated, name, slug, description, is_protected) values (?, ?, ?, ?, ?, ?, ?)
       on conflict (slug) do nothing`,
      [tx.newId(), tx.nowUs, tx.nowUs, block.name, block.slug, block.description, block.isProtected ? 1 : 0],
    )
    const type = await tx.get<{ id: string }>('select id from block_type where slug = ?', [block.slug])
    await tx.run(
      `insert into block_schema (id, created, updated, checksum, fields, block_type_id, capabilities, version)
       values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (checksum, version) do nothing`,
      [
        tx.newId(), tx.nowUs, tx.nowUs, block.checksum, JSON.stringify(block.fields), type!.id,
        JSON.stringify(block.capabilities), prefectVersion,
      ],
    )
  }
  return ok('null')
}

export const seedBlockCommands = { seedBlockTypes }
