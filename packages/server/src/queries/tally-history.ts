import { allOf, condition, isIn, type Condition } from '../storage/filters/condition.ts'
import type { Awaitable, Sql } from '../storage/port.ts'
import { finishedTypes, kindCondition, ownConditions, stateCondition, type Tallied } from './flow-run-tally.ts'
import type { HistoryBuckets, HistoryState } from './history-buckets.ts'
import { roundEdges, slotMoves, timeMoves, type Move } from './tally-slots.ts'

type SlotRow = [slot: number, kind: number, runs: number, runUs: number, lateUs: number]

/**
 * Adds the finished runs to a history: whole slots out of the tally, and one by one only the runs between an edge of a bucket and
 * the minute next to it.
 */
export async function addTallied(sql: Sql, tallied: Tallied, buckets: HistoryBuckets): Promise<void> {
  const states = await readStates(sql, tallied, buckets)
  if (states.size === 0) return
  const kinds = kindCondition(tallied)
  const readSlots = (minutes: number, slots: Condition): Awaitable<SlotRow[]> =>
    sql.tuples<SlotRow>(
      `select slot, kind, runs, run_us, late_us from flow_run_tally where minutes = ? and ${slots.text} and ${kinds.text} order by slot`,
      [minutes, ...slots.params, ...kinds.params],
    )
  const { edges } = buckets
  const lengths = roundEdges(edges, edges[1]! - edges[0]!)

  const { minutes, slots } = lengths[0]!
  let bucket = 0
  for (const [slot, kind, runs, runUs, lateUs] of await readSlots(minutes, condition('slot >= ? and slot < ?', slots[0]!, slots.at(-1)!))) {
    while (slot >= slots[bucket + 1]!) bucket += 1
    buckets.add(bucket, states.get(kind)!, runs, runUs, lateUs)
  }
  for (const [index, shorter] of lengths.entries()) {
    if (index === 0) continue
    // The edges are further apart than the longer slots, so no slot moves across two of them.
    const moves = new Map<number, Move>()
    for (const move of slotMoves(lengths[index - 1]!, shorter)) for (let slot = move.from; slot < move.to; slot++) moves.set(slot, move)
    for (const [slot, kind, runs, runUs, lateUs] of await readSlots(shorter.minutes, isIn('slot', [...moves.keys()]))) {
      moveRuns(buckets, moves.get(slot)!, states.get(kind)!, runs, runUs, lateUs)
    }
  }
  const moves = timeMoves(lengths.at(-1)!, edges)
  for (const [index, type, name, runUs, lateUs] of await readFinished(sql, tallied, moves)) {
    moveRuns(buckets, moves[index]!, buckets.state(type, name), 1, runUs, lateUs)
  }
}

/** The states that the tally's kinds stand for. */
async function readStates(sql: Sql, tallied: Tallied, buckets: HistoryBuckets): Promise<Map<number, HistoryState>> {
  const where = stateCondition(tallied)
  const kinds = await sql.tuples<[id: number, type: string, name: string]>(
    `select id, state_type, state_name from flow_run_tally_kind where ${where.text}`,
    where.params,
  )
  return new Map(kinds.map(([id, type, name]) => [id, buckets.state(type, name)]))
}

/** Finished runs by the stretch of time that they are in. */
function readFinished(sql: Sql, tallied: Tallied, stretches: readonly { from: number; to: number }[]) {
  // Not the bare column: by the index on states each stretch would be looked up once for each of them.
  const own = allOf([isIn(`(flow_run.state_type || '')`, finishedTypes(tallied)), ...ownConditions(tallied)])
  return sql.tuples<[index: number, type: string, name: string, runUs: number, lateUs: number]>(
    `select stretch.key, state_type, state_name, cast(round(total_run_time * 1000000) as integer),
       case when start_time > expected_start_time then start_time - expected_start_time else 0 end
     from (select key, value ->> 0 as from_us, value ->> 1 as to_us from json_each(?)) stretch cross join flow_run
     where expected_start_time >= stretch.from_us and expected_start_time < stretch.to_us and ${own.text}`,
    [JSON.stringify(stretches.map(({ from, to }) => [from, to])), ...own.params],
  )
}

function moveRuns(buckets: HistoryBuckets, { edge, sign }: Move, state: HistoryState, runs: number, runUs: number, lateUs: number): void {
  buckets.add(edge, state, -sign * runs, -sign * runUs, -sign * lateUs)
  buckets.add(edge - 1, state, sign * runs, sign * runUs, sign * lateUs)
}
