import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { flow, runDeployment, task, type DeploymentRun, type Outcome, type RunFuture } from './index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Compiles only when both types are the same. */
function same<A, B>(_proof: Equal<A, B>): void {}

const add = task({ name: 'add' }, async (a: number, b: number) => a + b)
const nightly = flow({ name: 'nightly', params: z.object({ day: z.string(), dryRun: z.boolean().default(false) }) }, ({ day, dryRun }) => ({ day, dryRun }))
const plain = flow({ name: 'plain' }, async (input: { x: number }) => [add.submit(input.x, 1), add.submit(input.x, 2)] as const)
const bare = flow({ name: 'bare' }, () => 'text')

test('what is right compiles, with the types that come from schema and function, and what is wrong does not', () => {
  same<ReturnType<typeof add>, Promise<number>>(true)
  same<ReturnType<typeof add.submit>, RunFuture<number>>(true)
  same<ReturnType<typeof nightly>, Promise<{ day: string; dryRun: boolean }>>(true)
  same<Parameters<typeof nightly>, [input: { day: string; dryRun?: boolean | undefined }]>(true)
  // Futures that a flow returns give their values.
  same<ReturnType<typeof plain>, Promise<[number, number]>>(true)
  same<ReturnType<typeof bare.runWithState>, Promise<Outcome<string>>>(true)

  const calls = [
    // Nothing here runs: it must only compile, or not.
    () => add(1, add.submit(1, 2)),
    // @ts-expect-error a text is no number
    () => add('1', 2),
    // @ts-expect-error an argument is missing
    () => add(1),
    () => add.map([1, add.submit(1, 2)], { rest: [3] }).results(),
    // @ts-expect-error the arguments after the item have their types too
    () => add.map([1], { rest: ['3'] }),
    () => nightly({ day: 'monday' }),
    // @ts-expect-error a parameter is missing
    () => nightly({}),
    // @ts-expect-error there is no such parameter
    () => nightly({ day: 'monday', dryrun: true }),
    () => bare(),
    async (): Promise<DeploymentRun<{ day: string; dryRun: boolean }>> => await runDeployment(nightly, 'prod', { day: 'monday' }),
    // @ts-expect-error parameters of another flow
    () => runDeployment(nightly, 'prod', { x: 1 }),
    // @ts-expect-error there is no such option
    () => task({ name: 'x', retry: 3 }, () => 1),
  ]
  assert.equal(calls.length, 12)
})
