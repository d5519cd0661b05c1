// What `npm test` runs: groups of test files, what each needs set up, and in what order.
import { findTests } from './find-tests.mjs'

const minute = 60_000
/** Ends a test that hangs; several times what the longest takes on a busy machine. */
const timeoutMs = 10 * minute * (process.env.SPILLWAY_SOAK === '1' ? 6 : 1)

/**
 * Files of folders that compare latencies and are probed beside a bare server need the machine for themselves; these do not, and run beside
 * others. What they wait for has a deadline of many times what it takes.
 */
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

const isHeavy = (file) => file.endsWith('heavy.test.ts')
const isBeside = (file) => besideOthers.includes(file)
const without = (folder, isElsewhere) => findTests(folder).filter((file) => !isElsewhere(file))

/**
 * They share the machine, file by file, in this order: the long ones first, so that all lanes end together.
 *
 * - `lock`: of the files with the same lock one runs at a time.
 * - `atOnce`: how many files one process takes. Default: 1.
 * - `isChecked`: `npm run check` has run them, for `.ci/run`.
 */
export const shared = [
  { title: 'Stock Prefect clients', needs: ['prefect'], files: without('test/compat', isHeavy) },
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
  { title: 'Server', files: without('test/server', isStart) },
  { title: 'Command', needs: ['prefect'], files: findTests('test/cli') },
  { title: 'OpenAPI', needs: ['prefect'], files: findTests('test/openapi') },
  { title: 'Units', files: findTests('packages'), atOnce: 12, isChecked: true },
  { title: 'Structure and documents', files: findTests('test/repository'), atOnce: 12, isChecked: true },
].map(complete)

/** They have the machine for themselves, one after the other. */
export const alone = [
  { title: 'Heavy flows of stock clients', needs: ['prefect'], files: findTests('test/compat').filter(isHeavy) },
  { title: 'Faults', needs: ['prefect'], files: without('test/faults', isBeside) },
  { title: 'Lifecycle', needs: ['prefect', 'faketime'], files: without('test/lifecycle', isBeside) },
  { title: 'HTTP faults', needs: ['prefect'], files: without('test/http', isBeside) },
  { title: 'Streams', needs: ['prefect'], files: without('test/streams', isBeside) },
  { title: 'Streams with stock clients', needs: ['prefect', 'proxies'], files: without('test/streams-stock', isBeside) },
].map(complete)

function isStart(file) {
  return file.endsWith('npm-start.test.ts')
}

function complete(group) {
  return { needs: [], atOnce: 1, isChecked: false, lock: undefined, timeoutMs, ...group }
}
