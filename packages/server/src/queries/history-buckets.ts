import { formatIso } from '@spillway/core/wire/time'
import { floatJson } from '../storage/row-encoder.ts'

/** A state that runs of a history are in: one object for each type and name. */
export interface HistoryState {
  /** In whose order the states of a bucket are told. */
  readonly key: string
  /** The members that tell it. */
  readonly json: string
}

/** Runs of one state in one bucket. Whole microseconds, so that what is added and taken away again leaves nothing. */
interface Sum {
  runs: number
  runUs: number
  lateUs: number
}

/** The buckets of a history, `intervalUs` long each, filled by `add` and told as JSON. */
export class HistoryBuckets {
  /** The ends of the buckets: one more than there are buckets. */
  readonly edges: readonly number[]
  readonly #buckets: Map<HistoryState, Sum>[]
  readonly #states = new Map<string, HistoryState>()

  constructor(startUs: number, intervalUs: number, count: number) {
    this.edges = Array.from({ length: count + 1 }, (_, index) => startUs + index * intervalUs)
    this.#buckets = Array.from({ length: count }, () => new Map())
  }

  state(type: string, name: string): HistoryState {
    const key = `${type} ${name}`
    let state = this.#states.get(key)
    if (!state) this.#states.set(key, (state = { key, json: `"state_type":${JSON.stringify(type)},"state_name":${JSON.stringify(name)}` }))
    return state
  }

  /** Outside of the buckets nothing is kept. */
  add(bucket: number, state: HistoryState, runs: number, runUs: number, lateUs: number): void {
    const sums = this.#buckets[bucket]
    if (!sums) return
    const sum = sums.get(state)
    if (sum) {
      sum.runs += runs
      sum.runUs += runUs
      sum.lateUs += lateUs
    } else {
      sums.set(state, { runs, runUs, lateUs })
    }
  }

  toJson(): string {
    const times = this.edges.map((edgeUs) => formatIso(edgeUs))
    const buckets = this.#buckets.map((sums, index) => {
      const states = [...sums].filter(([, { runs }]) => runs > 0).sort(([a], [b]) => (a.key < b.key ? -1 : 1))
      const statesJson = states.map(([state, sum]) => `{${state.json},${sumJson(sum)}}`).join(',')
      return `{"interval_start":"${times[index]}","interval_end":"${times[index + 1]}","states":[${statesJson}]}`
    })
    return `[${buckets.join(',')}]`
  }
}

function sumJson({ runs, runUs, lateUs }: Sum): string {
  return `"count_runs":${runs},"sum_estimated_run_time":${secondsJson(runUs)},"sum_estimated_lateness":${secondsJson(lateUs)}`
}

/** Never below 0. */
function secondsJson(us: number): string {
  return floatJson(Math.max(0, us) / 1e6)
}
