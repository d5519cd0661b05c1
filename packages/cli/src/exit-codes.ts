/** How the command ends; `docs/cli.md` tells users. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  unreachable: 4,
  notAllowed: 5,
  interrupted: 130,
} as const

/** An error whose message is for the user: what is wrong, and what to do next. */
export class CommandError extends Error {
  readonly remedy: string | undefined
  readonly exitCode: number

  constructor(message: string, { remedy, exitCode = EXIT.failed, cause }: { remedy?: string | undefined; exitCode?: number; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'CommandError'
    this.remedy = remedy
    this.exitCode = exitCode
  }
}
