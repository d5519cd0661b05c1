import { formatIso } from '@spillway/core/wire/time'
import { floatJson } from '../storage/row-encoder.ts'

/** A state that runs of a history are in, one object for each type and name, with its sums in all buckets. */
export interface HistoryState {
  /** In whose order the states of a bucket are told. */
  readonly key: string
  /** The members that tell it. */
  readonly json: string
  /**
   * Runs, run time and lateness of one bucket after another; undefined while there are none. Whole microseconds, so that what is
   * added and taken away again leaves nothing.
   */
  sums: Float64Array | undefined
}

/** The buckets of a history, `intervalUs` long each, filled by `add` and told as JSON. */
export class HistoryBuckets {
  /** The ends of the buckets: one more than there are buckets. */
  readonly edges: readonly number[]
  readonly #count: number
  readonly #states = new Map<string, HistoryState>()

  constructor(startUs: number, intervalUs: number, count: number) {
    this.edges = Array.from({ length: count + 1 }, (_, index) => startUs + index * intervalUs)
    this.#count = count
  }

  state(type: string, name: string): HistoryState {
    const key = `${type} ${name}`
    let state = this.#states.get(key)
    if (!state) {
      const json = `"state_type":${JSON.stringify(type)},"state_name":${JSON.stringify(name)}`
      this.#states.set(key, (state = { key, json, sums: undefined }))
    }
    return state
  }

  /** Outside of the buckets nothing is kept. */
  add(bucket: number, state: HistoryState, runs: number, runUs: number, lateUs: number): void {
    if (bucket < 0 || bucket >= this.#count) return
    const sums = (state.sums ??= new Float64Array(3 * this.#count))
    sums[3 * bucket]! += runs
    sums[3 * bucket + 1]! += runUs
    sums[3 * bucket + 2]! += lateUs
  }

  toJson(): string {
    const times = this.edges.map((edgeUs) => formatIso(edgeUs))
    const states = [...this.#states.values()].filter(({ sums }) => sums).sort((a, b) => (a.key < b.key ? -1 : 1))
    let json = '['
    for (let bucket = 0; bucket < this.#count; bucket++) {
      const inBucket = states.filter(({ sums }) => sums![3 * bucket]! > 0).map((state) => stateJson(state, bucket))
      json += `${bucket > 0 ? ',' : ''}{"interval_start":"${times[bucket]}","interval_end":"${times[bucket + 1]}","states":[${inBucket.join(',')}]}`
    }
    return `${json}]`
  }
}

function stateJson({ json, sums }: HistoryState, bucket: number): string {
  const at = 3 * bucket
  const seconds = `"sum_estimated_run_time":${secondsJson(sums![at + 1]!)},"sum_estimated_lateness":${secondsJson(sums![at + 2]!)}`
  return `{${json},"count_runs":${sums![at]!},${seconds}}`
}

/** Never below 0. */
function secondsJson(us: number): string {
  return floatJson(Math.max(0, us) / 1e6)
}
