/** A line on stderr that changes while something goes on. Where stderr is no terminal nothing is shown. */
export class Progress {
  readonly #isShown = process.stderr.isTTY

  constructor(text: string) {
    this.say(text)
  }

  say(text: string): void {
    if (this.#isShown) process.stderr.write(`\r\u001B[K${text.slice(0, (process.stderr.columns || 80) - 1)}`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isShown) process.stderr.write('\r\u001B[K')
  }
}
