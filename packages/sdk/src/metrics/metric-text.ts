/** One number of a metric, with the labels that tell it from the others. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** A metric whose numbers are kept where things happen, and read when somebody asks: counting costs nothing more than the number. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly read: () => number | Iterable<Sample>
}

/** Of Prometheus' text format, version 0.0.4. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** The text of a scrape. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics.map(textOf).join('')
}

function textOf({ name, type, help, read }: Metric): string {
  const value = read()
  const samples = typeof value === 'number' ? [[{}, value] as const] : [...value]
  const lines = samples.map(([labels, number]) => `${name}${labelsText(labels)} ${number}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
