/**
 * Records what the real Prefect makes of the made-up bodies of validation-inputs.ts.
 * Use: node --conditions=spillway-source test/openapi/record-validation.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { prefectPython, runPrefectPython } from './prefect-document.ts'
import { withoutNulls } from './recorded-validation.ts'
import type { RecordedAnswer } from './recorded-validation.ts'
import { validationCases } from './validation-inputs.ts'

const python = prefectPython()
if (python === undefined) {
  console.error('The real Prefect is not installed: scripts/set-up puts it into .cache.')
  process.exit(2)
}
const code = readFileSync(path.join(import.meta.dirname, 'prefect_validation.py'), 'utf8')
const cases = validationCases()
const answers = runPrefectPython(python, code, cases.map((one) => `${JSON.stringify(one)}\n`).join(''))
  .trim()
  .split('\n')
const lines = cases.map(({ operation, body }, at) => {
  const answer = shorten(JSON.parse(answers[at] ?? 'null') as RecordedAnswer)
  return `[${JSON.stringify(operation)},${JSON.stringify(body)},${JSON.stringify(answer)}]`
})
writeFileSync(path.join(import.meta.dirname, 'validation-cases.json'), `[\n${lines.join(',\n')}\n]\n`)
console.log(`${cases.length} cases`)

/** Inputs are in the body already, and nulls of a value say little: the table stays small without them. */
function shorten(answer: RecordedAnswer): RecordedAnswer {
  if ('raised' in answer) return answer
  if (!('errors' in answer)) return { value: withoutNulls(answer.value) }
  return { errors: answer.errors.map(({ type, loc, msg, ctx }) => ({ type, loc, msg, ...(ctx && { ctx }) })) }
}
