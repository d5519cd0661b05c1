import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { sdkLimits } from '../limits.ts'
import { LineWriter, readLines } from './output-lines.ts'

test('lines come whole however they arrive, long ones are cut, and one without end costs no memory', async () => {
  const stream = new PassThrough()
  const lines: string[] = []
  readLines(stream, (line) => lines.push(line))
  for (const part of ['on', 'e\ntw', `o\n${'x'.repeat(20_000)}`, 'y'.repeat(20_000), '\nlast']) stream.write(part)
  stream.end()
  await new Promise((resolve) => stream.once('end', resolve))
  assert.deepEqual(lines.map((line) => line.slice(0, 4)), ['one', 'two', 'xxxx', 'last'])
  assert.equal(lines[2], `${'x'.repeat(sdkLimits.outputLineChars)}… (cut)`)
})

test('a reader that does not read stops nobody: what finds no room is dropped, and told in its place', { skip: process.platform === 'win32' }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-pipe-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const both = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  const writer = new LineWriter(both)
  for (let line = 0; line < 3000; line++) writer.write(`${line} ${'x'.repeat(1000)}`)
  let text = ''
  const chunk = Buffer.alloc(65_536)
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  t.after(() => [both, reader].forEach((descriptor) => closeSync(descriptor)))
  const deadlineMs = performance.now() + 20_000
  while (!/lines were dropped/.test(text) && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    try {
      text += chunk.toString('utf8', 0, readSync(reader, chunk))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
  const numbers = text.split('\n').flatMap((line) => /^\d+ /.exec(line)?.[0] ?? [])
  const dropped = Number(/… (\d+) lines were dropped here/.exec(text)?.[1])
  assert.equal(numbers.length + dropped, 3000)
  assert.ok(dropped > 1000)
  assert.ok(numbers.length * 1010 > sdkLimits.outputWaitingChars, String(numbers.length))
})
