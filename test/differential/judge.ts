import type { CallList } from './call.ts'
import { compareAnswers } from './compare.ts'
import type { Difference } from './compare.ts'
import { findKnown } from './known.ts'
import { describeCall } from './run.ts'
import type { Exchange } from './run.ts'

/** What came of comparing one list. */
export type Verdict = {
  list: string
  calls: number
  same: number
  excused: number
  unexplained: { call: string; index: number; differences: Difference[] }[]
}

/**
 * Compares the answers of a target with the expected ones, call by call.
 *
 * @throws when the recording was made from other calls than the list has now
 */
export function judge(list: CallList, expected: Exchange[], actual: Exchange[]): Verdict {
  const verdict: Verdict = { list: list.name, calls: list.calls.length, same: 0, excused: 0, unexplained: [] }
  list.calls.forEach((call, index) => {
    const name = describeCall(call)
    const [wanted, given] = [expected[index], actual[index]]
    if (!wanted || !given || wanted.call !== name) {
      const remedy = `run node test/differential/record.mjs ${list.name}`
      throw new Error(`the recording of "${list.name}" is of other calls: ${remedy}`)
    }
    const found = compareAnswers(wanted.answer, given.answer)
    const status = { expected: wanted.answer.status, actual: given.answer.status }
    const unexplained = found.filter((difference) => !findKnown(name, difference, status))
    if (found.length === 0) verdict.same += 1
    else if (unexplained.length === 0) verdict.excused += 1
    else verdict.unexplained.push({ call: name, index, differences: unexplained })
  })
  return verdict
}

/** A verdict as text for people: one paragraph a call, at most `limit` of them. */
export function explain(verdict: Verdict, limit = 40): string {
  const { list, calls, same, excused, unexplained } = verdict
  const head = `${list}: ${calls} calls, ${same} same, ${excused} with known differences, `
  const lines = [`${head}${unexplained.length} unexplained`]
  for (const { call, index, differences } of verdict.unexplained.slice(0, limit)) {
    lines.push(`  #${index} ${call.slice(0, 300)}`)
    for (const { field, expected, actual } of differences.slice(0, 12)) {
      lines.push(`      ${field}: expected ${show(expected)}, got ${show(actual)}`)
    }
    if (differences.length > 12) lines.push(`      … and ${differences.length - 12} more fields`)
  }
  if (verdict.unexplained.length > limit) lines.push(`  … and ${verdict.unexplained.length - limit} more calls`)
  return lines.join('\n')
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
