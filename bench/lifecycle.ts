/**
 * How many flow-run lifecycles (create, Running, Completed: three requests) per second, all stored, from 1, 4, 16 and 64 callers?
 * And how long does one take when they arrive at a fixed rate, half of what 16 callers got through?
 *
 *     npm run bench -- lifecycle [--seconds 5] [--repeats 3] [--targets bare,spillway,prefect-3.8.8,prefect-3.9.1]
 *         [--callers 1]   only so many callers
 */
import { closedAndOpen, readOptions, runQuestion } from './lib/question.ts'

const options = readOptions({ seconds: 5 }, { callers: 0 })
const callerCounts = options.callers > 0 ? [options.callers] : [1, 4, 16, 64]

await runQuestion('lifecycle', options, { figure: 'perSecond', better: 'more' }, closedAndOpen('lifecycle', callerCounts, options.seconds))
