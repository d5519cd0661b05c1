/** Longest line that is passed on, and how much of the end of standard error is kept. */
const LINE_CHARS_MAX = 16_384
const LAST_WORDS_CHARS = 4096

/** Calls back for each line; cuts long ones, so that a line without end costs no memory. */
export function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  let isCut = false
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (!isCut) onLine(line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX)}… (cut)` : line)
      isCut = false
    }
    if (rest.length <= LINE_CHARS_MAX) return
    if (!isCut) onLine(`${rest.slice(0, LINE_CHARS_MAX)}… (cut)`)
    isCut = true
    rest = ''
  })
  stream.on('end', () => {
    if (rest !== '' && !isCut) onLine(rest)
  })
}

/** The end of what goes by. */
export class LastWords {
  text = ''

  add(line: string): void {
    this.text = `${this.text}${line}\n`.slice(-LAST_WORDS_CHARS)
  }
}
