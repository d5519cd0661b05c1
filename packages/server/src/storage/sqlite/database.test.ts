import assert from 'node:assert/strict'
import test from 'node:test'
import { Database } from './database.ts'

const farUs = 253_402_300_000_000_000 // in the year 9999

function openTimes(): Database {
  const db = new Database(':memory:', { readOnly: false, busyTimeoutMs: 0, statementsMax: 8 })
  db.exec('create table time (id integer primary key, at integer)')
  return db
}

test('times too far away for a safe integer are read as numbers, among near ones and again', () => {
  const db = openTimes()
  for (const at of [1, farUs, -farUs / 4]) db.run('insert into time (at) values (?)', [at])
  for (let n = 0; n < 2; n += 1) {
    assert.deepEqual(db.all<{ at: number }>('select at from time order by id').map(({ at }) => at), [1, farUs, -farUs / 4])
    assert.deepEqual({ ...db.get<object>('select at from time where id = ?', [2]) }, { at: farUs })
  }
  assert.equal(db.get('select at from time where id = ?', [9]), undefined)
  db.close()
})

test('an offset over 64 bits is refused as bad input', () => {
  const db = openTimes()
  assert.throws(() => db.all('select at from time limit ? offset ?', [1, 2e19]), { status: 422 })
  db.close()
})

test('a statement that writes and returns a far time writes once', () => {
  const db = openTimes()
  assert.deepEqual({ ...db.get<object>('insert into time (at) values (?) returning *', [farUs]) }, { id: 1, at: farUs })
  assert.deepEqual({ ...db.get<object>('select count(*) as n from time') }, { n: 1 })
  db.close()
})
