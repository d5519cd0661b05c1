/** The end of an output, where a failing program says what was wrong. */
export function lastLines(text: string, count: number): string {
  const lines = text.trimEnd().split('\n')
  if (lines.length <= count) return text.trimEnd()
  return [`… ${lines.length - count} lines before`, ...lines.slice(-count)].join('\n')
}
