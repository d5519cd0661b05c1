// A worker of our own, run as a process by the tests.
import { startWorker } from '../../../packages/sdk/src/index.ts'

await startWorker({ pool: process.argv[2]!, pollEvery: '300ms' })
