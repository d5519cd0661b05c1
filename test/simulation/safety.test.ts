import { test } from 'node:test'
import { runSchedules } from './run-schedules.ts'

test('whatever peers, store and sockets do, a subscriber gets everything once and in order, within its bounds', (t) => runSchedules(t, 'safety'))
