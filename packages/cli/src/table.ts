import { displayWidth } from './display-width.ts'

export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  /** Never cut: ids and names that people copy. */
  readonly isWhole?: boolean
  /** Puts colour on a cell that has its final width. */
  readonly paint?: (cell: string, row: Row) => string
}

const GAP = '  '
/** What a column is cut to at most, however narrow the terminal is. */
const WIDTH_MIN = 6

/**
 * Lines of a table: titles, then rows. Columns are as wide as what is in them; where that is more than `width`, the widest
 * of those that may be cut give way. A cell is one line.
 */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width = Infinity): string[] {
  const cells = rows.map((row) => columns.map(({ text }) => oneLine(text(row))))
  const widths = columns.map(({ title }, index) => Math.max(displayWidth(title), ...cells.map((line) => displayWidth(line[index]!))))
  narrow(widths, columns.map(({ title, isWhole }) => (isWhole ? Infinity : Math.max(WIDTH_MIN, displayWidth(title)))), width - GAP.length * (columns.length - 1))
  const line = (texts: readonly string[], row?: Row): string =>
    texts
      .map((text, index) => {
        const cell = fit(text, widths[index]!, index === columns.length - 1)
        const { paint } = columns[index]!
        return row === undefined || !paint ? cell : paint(cell, row)
      })
      .join(GAP)
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...cells.map((texts, index) => line(texts, rows[index]))]
}

/** A text cut to so many columns of a terminal, with `…` where something is missing. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    const next = used + displayWidth(segment)
    if (next > width - 1) break
    kept += segment
    used = next
  }
  return `${kept}…`
}

function narrow(widths: number[], least: readonly number[], room: number): void {
  for (let excess = widths.reduce((sum, width) => sum + width, 0) - room; excess > 0; excess--) {
    let widest = -1
    for (const [index, width] of widths.entries()) {
      if (width > least[index]! && (widest < 0 || width > widths[widest]!)) widest = index
    }
    if (widest < 0) return
    widths[widest]!--
  }
}

function fit(text: string, width: number, isLast: boolean): string {
  const cut = truncate(text, width)
  return isLast ? cut : cut + ' '.repeat(Math.max(0, width - displayWidth(cut)))
}

/** Names come from anybody: control characters must not reach the terminal. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001F\u007F-\u009F]+/g, ' ').trim()
}
