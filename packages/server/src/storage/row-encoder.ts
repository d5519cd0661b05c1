import { formatIso } from '@spillway/core/wire/time'

/**
 * How a column becomes a member of the JSON answer.
 * `text`, `number`, `time` (µs → ISO), `bool` (0/1), `json` (JSON text spliced in as it is). Null stays null.
 * A function gives the member's JSON text itself.
 */
export type ColumnKind<Row> = 'text' | 'number' | 'time' | 'bool' | 'json' | ((row: Row, nowUs: number) => string)

/**
 * Builds a function from row to JSON text, one member per entry in the order given. JSON columns are spliced in as text, so a
 * row with large documents costs no parse and no second stringify.
 */
export function rowEncoder<Row extends object>(
  columns: Readonly<Record<string, ColumnKind<Row>>>,
): (row: Row, nowUs: number) => string {
  const parts = Object.entries(columns).map(([name, kind], index) => ({
    prefix: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    encode: typeof kind === 'function' ? kind : memberEncoder<Row>(name, kind),
  }))
  return (row, nowUs) => {
    let json = ''
    for (const part of parts) json += part.prefix + part.encode(row, nowUs)
    return `${json}}`
  }
}

function memberEncoder<Row extends object>(name: string, kind: string): (row: Row) => string {
  const read = (row: Row): unknown => (row as Record<string, unknown>)[name]
  switch (kind) {
    case 'text':
      return (row) => {
        const value = read(row)
        return value === null || value === undefined ? 'null' : JSON.stringify(value)
      }
    case 'number':
      return (row) => {
        const value = read(row)
        return value === null || value === undefined ? 'null' : String(value)
      }
    case 'time':
      return (row) => {
        const value = read(row)
        return value === null || value === undefined ? 'null' : `"${formatIso(value as number)}"`
      }
    case 'bool':
      return (row) => (read(row) ? 'true' : 'false')
    default:
      return (row) => (read(row) as string | null) ?? 'null'
  }
}

/** A float as pydantic prints it: always with a fraction (`0.0`, not `0`). */
export function floatJson(value: number | null | undefined): string {
  if (value === null || value === undefined) return 'null'
  return Number.isInteger(value) ? `${value}.0` : String(value)
}
