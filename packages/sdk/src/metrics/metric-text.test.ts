import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricsText } from './metric-text.ts'

test('metrics are read when they are asked for, and labels cannot break out of their quotes', () => {
  let calls = 1
  const metrics = [
    { name: 'calls_total', type: 'counter', help: 'Calls', read: () => calls },
    { name: 'waiting', type: 'gauge', help: 'What waits', read: () => [[{ place: 'a"b\\c\nd' }, 2], [{ place: 'file' }, 0]] as const },
  ] as const
  calls = 7
  assert.equal(
    metricsText(metrics),
    '# HELP calls_total Calls\n# TYPE calls_total counter\ncalls_total 7\n# HELP waiting What waits\n# TYPE waiting gauge\nwaiting{place="a\\"b\\\\c\\nd"} 2\nwaiting{place="file"} 0\n',
  )
})
