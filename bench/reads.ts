/**
 * How many reads per second from 16 callers: one run by id, the filter with its page of 50, paginate with its count?
 * The server holds 1,000 finished runs (`--runs`). And how long does a read take at half of that rate?
 *
 *     npm run bench -- reads [--seconds 5] [--repeats 3] [--runs 1000] [--targets bare,spillway,prefect-3.8.8,prefect-3.9.1]
 */
import { closedAndOpen, readOptions, runQuestion } from './lib/question.ts'

const options = readOptions({ seconds: 5 }, { runs: 1000 })
const { seconds, runs } = options
const cases = ['read one', 'filter 50', 'paginate'].flatMap((scenario) => closedAndOpen(scenario, [16], seconds, { prepareRuns: runs }))

await runQuestion('reads', options, { figure: 'perSecond', better: 'more' }, cases)
