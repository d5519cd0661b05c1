import { TemplateRenderError } from './errors.ts'
import { Callable, Namespace, Undefined, numberIn, typeError, typeName } from './values.ts'

const RANGE_LENGTH_MAX = 100

function range(args: readonly unknown[]): number[] {
  const numbers = args.map(
    (argument) => numberIn(argument) ?? typeError(`'${typeName(argument)}' object cannot be interpreted as an integer`),
  )
  const [start, stop, step] =
    numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 1]
  if (step === 0) throw new TemplateRenderError('ValueError', 'range() arg 3 must not be zero')
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (length > RANGE_LENGTH_MAX) {
    throw new TemplateRenderError(
      'OverflowError',
      `Range too big. The sandbox blocks ranges larger than MAX_TEMPLATE_RANGE=${RANGE_LENGTH_MAX}.`,
    )
  }
  return Array.from({ length }, (_, index) => start + index * step)
}

/** What every template can call. */
export const GLOBALS: Readonly<Record<string, Callable>> = {
  range: new Callable('range', range),
  dict: new Callable('dict', ([given], named) => ({ ...(given as object | undefined), ...Object.fromEntries(named) })),
  namespace: new Callable('namespace', (_, named) => new Namespace(named)),
}

/** What `loop` is inside a loop. */
export function loopState(items: readonly unknown[], index: number): Readonly<Record<string, unknown>> {
  const edge = (at: number) => (at in items ? items[at] : new Undefined('there is no such item'))
  return {
    index: index + 1,
    index0: index,
    revindex: items.length - index,
    revindex0: items.length - index - 1,
    first: index === 0,
    last: index === items.length - 1,
    length: items.length,
    depth: 1,
    depth0: 0,
    previtem: edge(index - 1),
    nextitem: edge(index + 1),
    cycle: new Callable('cycle', (values) => values[index % values.length]),
  }
}
