import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runFlow } from '../testing/run-flow.ts'
import { offlineSession } from './engine.fixture.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'
import { currentTransaction, transaction, type Transaction } from './transaction.ts'

/** A task that notes what becomes of it. */
function noting(notes: string[], name: string) {
  return task({ name, onCommit: [() => notes.push(`commit ${name}`)], onRollback: [() => notes.push(`undo ${name} a`), () => notes.push(`undo ${name} b`)] }, () => notes.push(name))
}

test('what belongs together is undone when it fails, last first, and its runs end RolledBack', async () => {
  const notes: string[] = []
  const [one, two] = [noting(notes, 'one'), noting(notes, 'two')]
  const run = await runFlow(flow({ name: 'main' }, () =>
    transaction(async (txn) => {
      txn.onRollback(() => notes.push('undo the block'))
      await one()
      await two()
      throw new Error('the check failed')
    }),
  ))
  assert.equal(run.outcome.state.name, 'Failed')
  assert.deepEqual(notes, ['one', 'two', 'undo the block', 'undo two b', 'undo two a', 'undo one b', 'undo one a'])
  assert.deepEqual(run.taskRuns(one)[0]!.states, ['Pending', 'Running', 'Completed', 'RolledBack'])
})

test('what has gone well is committed at the end, and nothing is undone', async (t) => {
  offlineSession(t)
  const notes: string[] = []
  const [one, two] = [noting(notes, 'one'), noting(notes, 'two')]
  const main = flow({ name: 'main' }, async () => {
    const value = await transaction(async (txn) => {
      txn.onCommit(() => notes.push('commit the block'))
      assert.equal(currentTransaction(), txn)
      await one()
      await transaction(async () => await two())
      notes.push('end of the block')
      return 7
    })
    assert.equal(currentTransaction(), undefined)
    await one()
    return value
  })
  assert.equal(await main(), 7)
  assert.deepEqual(notes, ['one', 'two', 'end of the block', 'commit one', 'commit two', 'commit the block', 'one', 'commit one'])
})

test('a result is kept only when its transaction is committed, so that what was undone is done again', async (t) => {
  const { session } = offlineSession(t)
  let calls = 0
  const cached = task({ name: 'cached', cache: { key: () => 'cached-key' } }, () => ++calls)
  const main = flow({ name: 'main' }, (input: { fails: boolean }) =>
    transaction(async () => {
      await cached()
      if (input.fails) throw new Error('no')
    }),
  )
  await main.runWithState({ fails: true })
  await main({ fails: false })
  await main({ fails: false })
  assert.equal(calls, 2)
  assert.ok(readFileSync(path.join(session.settings.resultsFolder, 'cached-key'), 'utf8').includes('"result":"2"'))
})

test('a nested transaction that fails is undone, and the one around it goes on when the error is caught', async (t) => {
  offlineSession(t)
  const notes: string[] = []
  const [outer, inner] = [noting(notes, 'outer'), noting(notes, 'inner')]
  await flow({ name: 'main' }, () =>
    transaction(async () => {
      await outer()
      const failed = await transaction(async () => {
        await inner()
        throw new Error('caught')
      }).catch((error: Error) => error.message)
      assert.equal(failed, 'caught')
    }),
  )()
  assert.deepEqual(notes, ['outer', 'inner', 'undo inner b', 'undo inner a', 'commit outer'])
})

test('what is committed eagerly stays when the transaction around it fails', async (t) => {
  offlineSession(t)
  const notes: string[] = []
  const early = noting(notes, 'early')
  const main = flow({ name: 'main' }, () =>
    transaction(async () => {
      await transaction({ commit: 'eager' }, async () => await early())
      throw new Error('too late')
    }),
  )
  await assert.rejects(main(), /too late/)
  assert.deepEqual(notes, ['early', 'commit early'])
})

test('a key is committed once: later transactions find its value, and values are seen from inside out', async (t) => {
  offlineSession(t)
  let made = 0
  const main = flow({ name: 'main' }, (input: { overwrite: boolean }) =>
    transaction({ key: 'report', overwrite: input.overwrite }, async (txn) => {
      if (txn.isCommitted) return await txn.read<number>()
      txn.set('list', [1])
      await transaction(async (nested) => {
        nested.get<number[]>('list').push(2)
        assert.deepEqual(nested.get('list'), [1])
        assert.equal(nested.get('nothing', 'fallback'), 'fallback')
        assert.throws(() => nested.get('nothing'), /nothing is set as 'nothing'/)
      })
      txn.stage(++made)
      return made
    }),
  )
  assert.deepEqual([await main({ overwrite: false }), await main({ overwrite: false }), await main({ overwrite: true })], [1, 1, 2])
})

test('a commit hook that fails rolls the transaction back, and its error is thrown; a roll-back hook that fails stops no other', async (t) => {
  const { log } = offlineSession(t)
  const notes: string[] = []
  const one = noting(notes, 'one')
  const main = flow({ name: 'main' }, () =>
    transaction(async (txn: Transaction) => {
      await one()
      txn.onRollback(() => {
        throw new Error('cannot undo')
      })
      txn.onCommit(() => {
        throw new Error('cannot commit')
      })
    }),
  )
  await assert.rejects(main(), /cannot commit/)
  assert.deepEqual(notes, ['one', 'commit one', 'undo one b', 'undo one a'])
  assert.ok(log.some((line) => /roll-back hook failed.*cannot undo/s.test(line)))
})

test('serializable transactions of one key come one after another, and a lock of the dead is taken over', async (t) => {
  const { session } = offlineSession(t)
  const locks = path.join(session.settings.resultsFolder, 'locks')
  mkdirSync(locks, { recursive: true })
  // As Python writes it; its holder has died, and its time is over.
  writeFileSync(path.join(locks, 'ledger.lock'), JSON.stringify({ holder: 'gone', expiration: '2020-01-01 00:00:00+00:00' }))
  let open = 0
  let most = 0
  const one = (): Promise<void> =>
    transaction({ key: 'ledger', isolation: 'serializable', overwrite: true }, async () => {
      most = Math.max(most, ++open)
      await delay(20)
      open--
    })
  await flow({ name: 'main' }, () => Promise.all([one(), one(), one()]))()
  assert.equal(most, 1)
  assert.deepEqual(readdirSync(locks), [])
})

test('serializable without a key, and transactions outside of a run, are errors that say so', async (t) => {
  offlineSession(t)
  await assert.rejects(transaction(async () => 1), /works only inside a flow or task run/)
  const main = flow({ name: 'main' }, () => transaction({ isolation: 'serializable' }, async () => 1))
  await assert.rejects(main(), /needs a key/)
})
