import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineSink } from './line-sink.ts'

/** A descriptor that takes chunks when it is told to. */
function fakeDescriptor() {
  const chunks: string[] = []
  const done: ((error?: Error) => void)[] = []
  return {
    chunks,
    write: (chunk: Buffer, whenDone: (error?: Error | null) => void) => {
      chunks.push(chunk.toString())
      done.push(whenDone)
    },
    take: (error?: Error) => done.shift()?.(error),
  }
}

test('lines go out in their order, those that came while one was being written together', () => {
  const { chunks, write, take } = fakeDescriptor()
  const sink = new LineSink(write, 100)
  for (const line of ['a\n', 'b\n', 'c\n']) sink.write(line)
  assert.deepEqual(chunks, ['a\n'])
  take()
  assert.deepEqual(chunks, ['a\n', 'b\nc\n'])
})

test('what a reader does not take is bounded, and what is dropped is counted', () => {
  const lost: string[] = []
  const { chunks, write, take } = fakeDescriptor()
  const sink = new LineSink(write, 10, (why, lines) => lost.push(`${why} ${lines}`))
  for (const line of ['1234\n', '1234\n', '1234\n', '5678\n']) sink.write(line)
  assert.deepEqual(lost, ['full 1', 'full 1'])
  take()
  sink.write('9abc\n')
  take()
  assert.deepEqual(chunks, ['1234\n', '1234\n', '9abc\n'])
})

test('a failing descriptor costs its lines and nothing else', () => {
  const lost: string[] = []
  const { chunks, write, take } = fakeDescriptor()
  const sink = new LineSink(write, 100, (why, lines) => lost.push(`${why} ${lines}`))
  for (const line of ['a\n', 'b\n', 'c\n']) sink.write(line)
  take(new Error('ENOSPC'))
  take(new Error('ENOSPC'))
  sink.write('d\n')
  take()
  assert.deepEqual([lost, chunks], [['failed 1', 'failed 2'], ['a\n', 'b\nc\n', 'd\n']])
})

test('a flush waits until all is out, and no longer than it is told', async () => {
  const { write, take } = fakeDescriptor()
  const sink = new LineSink(write, 100)
  sink.write('a\n')
  sink.write('b\n')
  await sink.flush(1)
  let isOut = false
  const flushed = sink.flush(60_000).then(() => (isOut = true))
  take()
  await Promise.resolve()
  assert.equal(isOut, false)
  take()
  await flushed
  await sink.flush(60_000)
})
