import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { defaultLimits } from '@spillway/server/limits'
import { startTestServer } from './in-process.ts'

const onLinux = process.platform === 'linux'

test('the kernel keeps as many dials waiting as the bound says, or as the system allows', { skip: !onLinux && 'read from ss, which is of Linux' }, async (t) => {
  const server = await startTestServer(t)
  const allowed = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'))
  const [line = ''] = execFileSync('ss', ['-Hltn', `sport = :${server.port}`]).toString().split('\n')
  // Of a listening socket, Send-Q is the length of its queue.
  assert.equal(Number(line.trim().split(/\s+/)[2]), Math.min(defaultLimits.backlog, allowed), line)
})
