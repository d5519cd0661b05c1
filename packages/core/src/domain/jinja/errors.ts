import { reprString } from '../python-repr.ts'

/** A template that cannot be read, or breaks the rules for templates of users. */
export class TemplateSyntaxError extends Error {
  /** counted from 1; 0 when the fault is of the template as a whole */
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/** A template that failed while it was rendered. */
export class TemplateRenderError extends Error {
  /**
   * @param kind the error's name as Python's Jinja would have it, which messages show
   */
  constructor(kind: string, detail: string) {
    super(`Failed to render template due to the following error: ${kind}(${reprString(detail)})`)
  }
}
