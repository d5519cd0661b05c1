import { test } from 'node:test'
import { runSchedules } from './run-schedules.ts'

test('peers that are faulty for ever keep none of the others from getting everything', (t) => runSchedules(t, 'liveness'))
