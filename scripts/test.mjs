// `npm test`: does all its set-up, runs the whole suite with real parts, and ends with one line of totals.
// `npm test -- name` runs only the files whose path contains the name. `--after-check` leaves out what `npm run check` runs.
import os from 'node:os'
import { ensureDependencies } from './set-up/dependencies.mjs'

ensureDependencies()
const { ensurePrefect, ensurePrefectAws, ensureSchemathesis } = await import('./set-up/prefect.mjs')
const { ensureFaketime } = await import('./set-up/faketime.mjs')
const { ensureProxies } = await import('./set-up/proxies.mjs')
const { alone, paired, shared } = await import('./test-groups.mjs')
const { add, inWords, noCounts, runAlone, runInLanes } = await import('./test-lanes.mjs')

const afterCheck = '--after-check'
const wanted = process.argv.slice(2).filter((arg) => arg !== afterCheck)
const isWanted = (file) => wanted.length === 0 || wanted.some((name) => file.includes(name))
const chosen = (groups) =>
  groups
    .filter(({ isChecked }) => !isChecked || !process.argv.includes(afterCheck))
    .map((group) => ({ ...group, files: group.files.filter(isWanted) }))
    .filter(({ files }) => files.length > 0)
const [inLanes, inPairs, byThemselves] = [shared, paired, alone].map(chosen)
const groups = [...inLanes, ...inPairs, ...byThemselves]

const needs = new Set(groups.flatMap((group) => group.needs))
if (needs.has('prefect')) {
  console.log('Setting up the stock Prefect clients (the first time takes a minute or two)…')
  await ensurePrefect('3.8.8')
  await ensurePrefect('3.9.1')
}
if (needs.has('schemathesis')) await ensureSchemathesis()
if (needs.has('aws')) await ensurePrefectAws()
if (needs.has('faketime')) await ensureFaketime()
if (needs.has('proxies')) await ensureProxies()

if (groups.length === 0) console.log(`No test file has ${wanted.join(' or ')} in its path.`)
/** Full durations are measured with as little beside them as they always had. */
const isSoak = process.env.SPILLWAY_SOAK === '1'
/** No more than processors: a further lane would gain a tenth of the time, and take processors from tests when they need them. */
const lanes = isSoak ? 2 : Math.min(Math.max(os.availableParallelism(), 2), 4)
const totals = noCounts()
if (groups.length === 1 && groups[0].files.length === 1) byThemselves.splice(0, 1, ...groups)
else {
  add(totals, await runInLanes(inLanes, lanes))
  add(totals, await runInLanes(inPairs, isSoak ? 1 : 2))
}
for (const group of byThemselves) add(totals, await runAlone(group))

if (process.env.CI === 'true' && totals.skipped > 0) {
  console.log(`\nA skipped test is a failure in continuous integration: ${totals.skipped} skipped.`)
  totals.failed += totals.skipped
}
console.log(`\n${inWords(totals)}`)
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0)
