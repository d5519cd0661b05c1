// What `npm test` runs: groups of test files, what each needs set up, and in what order.
import { findTests } from './find-tests.mjs'

const minute = 60_000
/** Ends a test that hangs; several times what the longest takes on a busy machine. */
const timeoutMs = 10 * minute * (process.env.SPILLWAY_SOAK === '1' ? 6 : 1)

/** All that these of the folders of faults wait for has deadlines of many times what it takes: they run beside anything. */
const besideOthers = [
  'test/faults/disk-and-thread.test.ts',
  'test/http/other-protocols.test.ts',
  'test/http/shed-answers.test.ts',
  'test/http/stray-errors.test.ts',
  'test/lifecycle/refused-starts.test.ts',
  'test/lifecycle/signals.test.ts',
  'test/streams-stock/admission.test.ts',
  'test/streams-stock/background-tasks.test.ts',
  'test/streams-stock/confirmed.test.ts',
  'test/streams-stock/poison.test.ts',
  'test/streams-stock/proxy-reload.test.ts',
]
/** They load the machine, or measure how much a server does on it, and have it for themselves. */
const byThemselves = [
  'test/compat/heavy.test.ts',
  'test/faults/ingest-stall.test.ts',
  'test/faults/kill-nine.test.ts',
  'test/faults/many-callers.test.ts',
  'test/http/overload.test.ts',
  'test/lifecycle/cold-start.test.ts',
  'test/lifecycle/drain.test.ts',
  'test/streams/broadcast.test.ts',
  'test/streams/burst-of-events.test.ts',
  'test/streams/byte-fuzz.test.ts',
  'test/streams/churn.test.ts',
  'test/streams/hostile-json.test.ts',
  'test/streams/memory-limit.test.ts',
  'test/streams/never-refused.test.ts',
  'test/streams/ping-flood.test.ts',
  'test/streams/reset-storm.test.ts',
  'test/streams/send-after-close.test.ts',
  'test/streams/simultaneous-dials.test.ts',
  'test/streams-stock/dials.test.ts',
  'test/streams-stock/never-refused.test.ts',
  'test/streams-stock/run-deployment.test.ts',
]
const isStart = (file) => file.endsWith('npm-start.test.ts')
const others = (folder) => findTests(folder).filter((file) => !byThemselves.includes(file) && !besideOthers.includes(file) && !isStart(file))

/**
 * They share the machine, file by file, in this order: the long ones first, so that all lanes end together.
 *
 * - `lock`: of the files with the same lock one runs at a time.
 * - `atOnce`: how many files one process takes. Default: 1.
 * - `isChecked`: `npm run check` has run them, for `.ci/run`.
 */
export const shared = [
  { title: 'Stock Prefect clients', needs: ['prefect'], files: others('test/compat') },
  { title: 'SDK', needs: ['prefect', 'proxies'], files: findTests('test/sdk') },
  // Both build what they run, in the same folders.
  { title: 'Packages', needs: ['prefect'], files: findTests('test/packages'), lock: 'build' },
  { title: 'npm start', files: findTests('test/server').filter(isStart), lock: 'build' },
  { title: 'Beside others', needs: ['prefect', 'proxies'], files: besideOthers },
  { title: 'Proxies', needs: ['prefect', 'proxies'], files: findTests('test/proxies') },
  { title: 'Differential', needs: ['prefect'], files: findTests('test/differential') },
  { title: 'Simulation', files: findTests('test/simulation') },
  { title: 'Fuzz', needs: ['schemathesis'], files: findTests('test/fuzz') },
  { title: 'Results in S3', needs: ['aws'], files: findTests('test/s3') },
  { title: 'Server', files: others('test/server') },
  { title: 'Command', needs: ['prefect'], files: findTests('test/cli') },
  { title: 'OpenAPI', needs: ['prefect'], files: findTests('test/openapi') },
  { title: 'Units', files: findTests('packages'), atOnce: 12, isChecked: true },
  { title: 'Structure and documents', files: findTests('test/repository'), atOnce: 12, isChecked: true },
].map(complete)

/** They compare a server's health with a bare one's at the same moment, and mostly wait: two at a time. */
export const paired = [
  { title: 'Streams with stock clients', needs: ['prefect', 'proxies'], files: others('test/streams-stock') },
  { title: 'HTTP faults', needs: ['prefect'], files: others('test/http') },
  { title: 'Lifecycle', needs: ['prefect', 'faketime'], files: others('test/lifecycle') },
  { title: 'Faults', needs: ['prefect'], files: others('test/faults') },
  { title: 'Streams', needs: ['prefect'], files: others('test/streams') },
].map(complete)

/** They have the machine for themselves, one after the other. */
export const alone = [{ title: 'By themselves', needs: ['prefect', 'proxies'], files: byThemselves }].map(complete)

function complete(group) {
  return { needs: [], atOnce: 1, isChecked: false, lock: undefined, timeoutMs, ...group }
}
