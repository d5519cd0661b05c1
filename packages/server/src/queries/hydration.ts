import { hydrate, hydrationNeeds } from '@spillway/core/domain/hydrate'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import type { Sql } from '../storage/port.ts'

/** Variables looked at when their names are not known beforehand. */
const VARIABLES_MAX = 10_000

/**
 * Values with every `__prefect_kind` object in them replaced by what it stands for; workspace variables are read from the
 * store. What cannot be replaced is a `ValueFault` inside the result.
 *
 * @param templateContext Templates are rendered with it; without it they are only checked.
 */
export async function hydrateValues(
  sql: Sql,
  values: unknown,
  templateContext?: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const needs = hydrationNeeds(values)
  if (!needs.isHydratable) return values
  const rows = needs.needsAllVariables
    ? await sql.all<{ name: string; value: string | null }>('select name, value from variable order by name limit ?', [VARIABLES_MAX])
    : await sql.all<{ name: string; value: string | null }>(
        'select name, value from variable where name in (select value from json_each(?))',
        [JSON.stringify(needs.variableNames)],
      )
  const variables = new Map(rows.map((row) => [row.name, row.value === null ? null : parseExactJson(row.value)]))
  return hydrate(values, templateContext ? { variables, templateContext } : { variables })
}
