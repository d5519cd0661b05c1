import { TemplateRenderError, TemplateSyntaxError } from './errors.ts'
import { Evaluation } from './evaluate.ts'
import { FilterArguments, type TemplateFilter } from './filters.ts'
import type { Expression, Statement } from './nodes.ts'
import { parseStatements } from './parser.ts'
import { TemplateTime, withBudget } from './values.ts'

export { FilterArguments, TemplateRenderError, TemplateSyntaxError, TemplateTime, type TemplateFilter }

/** Enough for a few thousand lines of output. */
const STEPS_MAX = 100_000
const LOOPS_MAX = 10
const LOOP_DEPTH_MAX = 2
const SOURCE_LENGTH_MAX = 500_000
const CACHED_TEMPLATES_MAX = 200
const CACHED_SOURCE_LENGTH_MAX = 20_000

/** What is wrong with a template, and in which line; 0 is the template as a whole. */
export interface TemplateFault {
  line: number
  message: string
}

const parsed = new Map<string, readonly Statement[]>()

function parse(source: string): readonly Statement[] {
  const known = parsed.get(source)
  if (known) return known
  if (source.length > SOURCE_LENGTH_MAX)
    throw new TemplateSyntaxError(`Contains more than ${SOURCE_LENGTH_MAX} characters.`, 0)
  const statements = parseStatements(source)
  if (source.length <= CACHED_SOURCE_LENGTH_MAX) {
    if (parsed.size >= CACHED_TEMPLATES_MAX) parsed.clear()
    parsed.set(source, statements)
  }
  return statements
}

/** Whether a text has anything to render. */
export function mayBeTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}

/** What is wrong with a template of a user, or undefined: its syntax, more than 10 loops, or loops 3 deep. */
export function templateFault(source: string): TemplateFault | undefined {
  try {
    checkLoops(parse(source))
    return undefined
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return { line: error.line, message: error.message }
    throw error
  }
}

function checkLoops(statements: readonly Statement[]): void {
  let loops = 0
  const depthOf = (body: readonly Statement[]): number =>
    Math.max(
      0,
      ...body.map((statement) => {
        const inner = depthOf(bodiesOf(statement))
        if (statement.kind !== 'for') return inner
        loops++
        return inner + 1
      }),
    )
  const depth = depthOf(statements)
  if (loops > LOOPS_MAX) {
    throw new TemplateSyntaxError(
      `Contains ${loops} for loops. Templates can contain no more than ${LOOPS_MAX} for loops.`,
      0,
    )
  }
  if (depth > LOOP_DEPTH_MAX) {
    throw new TemplateSyntaxError(
      `Contains nested for loops at a depth of ${depth}. ` +
        `Templates can nest for loops no more than ${LOOP_DEPTH_MAX} loops deep.`,
      0,
    )
  }
}

function bodiesOf(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case 'for':
      return [...statement.body, ...statement.otherwise]
    case 'if':
      return [...statement.branches.flatMap((branch) => branch.body), ...statement.otherwise]
    case 'set-block':
    case 'with':
    case 'filter-block':
    case 'macro':
    case 'scope':
      return statement.body
    default:
      return []
  }
}

export interface RenderOptions {
  /** filters beside the built-in ones, such as `ui_url` */
  filters?: Readonly<Record<string, TemplateFilter>>
  /** what `humanize_naturaltime` counts from, microseconds since the epoch. Default 0. */
  nowUs?: number
}

/**
 * Renders a template in a sandbox: it sees the context's own data (JSON values and `TemplateTime`) and nothing else,
 * and is given up after 100,000 steps or a million characters. A text without tags comes back as it is.
 *
 * @throws {TemplateSyntaxError}
 * @throws {TemplateRenderError}
 */
export function renderTemplate(
  source: string,
  context: Readonly<Record<string, unknown>>,
  { filters = {}, nowUs = 0 }: RenderOptions = {},
): string {
  if (!mayBeTemplate(source)) return source
  try {
    const statements = parse(source)
    return withBudget(STEPS_MAX, () => new Evaluation(context, { filters, nowUs }).render(statements))
  } catch (error) {
    if (error instanceof RangeError) throw new TemplateRenderError('RecursionError', 'maximum recursion depth exceeded')
    throw error
  }
}

/** The names that templates read: what their context must have. Templates that cannot be read have none. */
export function namesInTemplates(sources: readonly string[]): Set<string> {
  const names = new Set<string>()
  for (const source of sources) {
    try {
      collectNames(parse(source), names)
    } catch (error) {
      // One that nests too deep to walk will not be rendered either.
      if (!(error instanceof TemplateSyntaxError) && !(error instanceof RangeError)) throw error
    }
  }
  return names
}

/** Nodes hold nothing but nodes, lists of them and texts, so one walk finds every name that is read. */
function collectNames(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) collectNames(item, names)
  } else if (typeof node === 'object' && node !== null) {
    const { kind, name, line } = node as Partial<Extract<Expression, { kind: 'name' }>>
    // Targets are names too, but carry no line.
    if (kind === 'name' && name !== undefined && line !== undefined) names.add(name)
    for (const member of Object.values(node)) collectNames(member, names)
  }
}
