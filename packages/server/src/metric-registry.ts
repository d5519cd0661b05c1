/** Counters, gauges and histograms in Prometheus' text format, version 0.0.4. Small and without a label sort on the hot path. */

export type Labels = Readonly<Record<string, string | number>>

interface MetricOptions {
  name: string
  help: string
  labelNames?: readonly string[]
}

abstract class Metric {
  readonly name: string
  readonly help: string
  protected readonly labelNames: readonly string[]
  abstract readonly type: 'counter' | 'gauge' | 'histogram'

  constructor(registry: MetricRegistry, { name, help, labelNames = [] }: MetricOptions) {
    this.name = name
    this.help = help
    this.labelNames = labelNames
    registry.add(this)
  }

  /** The labels as they stand in the text, without braces; also the key of the series. */
  protected keyOf(labels: Labels): string {
    let key = ''
    for (const name of this.labelNames) key += `${key === '' ? '' : ','}${name}="${escapeLabel(String(labels[name] ?? ''))}"`
    return key
  }

  /** Lines of all series. */
  abstract lines(): string[]
}

function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n') : value
}

function line(name: string, key: string, value: number): string {
  return key === '' ? `${name} ${value}` : `${name}{${key}} ${value}`
}

const noLabels: Labels = {}

/** The value of one series: where labels are always the same, adding to it costs no look-up. */
export interface Cell {
  value: number
}

export class Counter extends Metric {
  readonly type = 'counter'
  readonly #cells = new Map<string, Cell>()

  constructor(registry: MetricRegistry, options: MetricOptions) {
    super(registry, options)
    if (this.labelNames.length === 0) this.cell()
  }

  cell(labels: Labels = noLabels): Cell {
    const key = this.keyOf(labels)
    let cell = this.#cells.get(key)
    if (!cell) this.#cells.set(key, (cell = { value: 0 }))
    return cell
  }

  inc(labels: Labels = noLabels, by = 1): void {
    this.cell(labels).value += by
  }

  lines(): string[] {
    return [...this.#cells].map(([key, { value }]) => line(this.name, key, value))
  }
}

export class Gauge extends Metric {
  readonly type = 'gauge'
  readonly #values = new Map<string, number>()
  readonly #collect: (() => number) | undefined

  /** @param options.collect Read at each scrape, for a gauge without labels. */
  constructor(registry: MetricRegistry, options: MetricOptions & { collect?: () => number }) {
    super(registry, options)
    this.#collect = options.collect
    if (this.labelNames.length === 0) this.#values.set('', 0)
  }

  set(labels: Labels, value: number): void {
    this.#values.set(this.keyOf(labels), value)
  }

  inc(labels: Labels = noLabels, by = 1): void {
    const key = this.keyOf(labels)
    this.#values.set(key, (this.#values.get(key) ?? 0) + by)
  }

  dec(labels: Labels = noLabels, by = 1): void {
    this.inc(labels, -by)
  }

  lines(): string[] {
    if (this.#collect) this.#values.set('', this.#collect())
    return [...this.#values].map(([key, value]) => line(this.name, key, value))
  }
}

interface Series {
  buckets: number[]
  sum: number
  count: number
}

export class Histogram extends Metric {
  readonly type = 'histogram'
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, Series>()

  constructor(registry: MetricRegistry, options: MetricOptions & { buckets: readonly number[] }) {
    super(registry, options)
    this.#bounds = options.buckets
  }

  observe(labels: Labels, value: number): void {
    const key = this.keyOf(labels)
    let series = this.#series.get(key)
    if (!series) {
      series = { buckets: this.#bounds.map(() => 0), sum: 0, count: 0 }
      this.#series.set(key, series)
    }
    series.sum += value
    series.count += 1
    for (let index = 0; index < this.#bounds.length; index += 1) {
      if (value <= this.#bounds[index]!) {
        series.buckets[index]! += 1
        break
      }
    }
  }

  lines(): string[] {
    return [...this.#series].flatMap(([key, { buckets, sum, count }]) => {
      const prefix = key === '' ? '' : `${key},`
      let below = 0
      const lines = this.#bounds.map((bound, index) => {
        below += buckets[index]!
        return line(`${this.name}_bucket`, `${prefix}le="${bound}"`, below)
      })
      return [
        ...lines,
        line(`${this.name}_bucket`, `${prefix}le="+Inf"`, count),
        line(`${this.name}_sum`, key, sum),
        line(`${this.name}_count`, key, count),
      ]
    })
  }
}

export class MetricRegistry {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
  readonly #metrics: Metric[] = []

  add(metric: Metric): void {
    this.#metrics.push(metric)
  }

  /** The text of a scrape. */
  metrics(): string {
    const lines = this.#metrics.flatMap((metric) => [
      `# HELP ${metric.name} ${metric.help}`,
      `# TYPE ${metric.name} ${metric.type}`,
      ...metric.lines(),
    ])
    return `${lines.join('\n')}\n`
  }
}
