import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { chosenDeployments, isOurs, readProjectFile, type DeploymentConfig } from './project-file.ts'

const deployments: DeploymentConfig[] = [
  { name: 'prod', entrypoint: 'flows.ts:nightlyLoad' },
  { name: 'test', entrypoint: 'flows.ts:nightlyLoad' },
  { name: 'prod', entrypoint: 'other.ts:weekly_report' },
]
const chosen = (names: readonly string[], all = false): number[] => chosenDeployments('prefect.yaml', deployments, names, all).map((one) => deployments.indexOf(one))

test('deployments are chosen by name, by flow and name, by patterns, or all', () => {
  assert.deepEqual(chosen(['test']), [1])
  assert.deepEqual(chosen(['prod']), [0, 2])
  assert.deepEqual(chosen(['nightly-load/prod']), [0])
  assert.deepEqual(chosen(['weekly*/*', 'te*']), [2, 1])
  assert.deepEqual(chosen([], true), [0, 1, 2])
})

test('no name is enough where there is one deployment, and an error that lists them where there are more', () => {
  assert.equal(chosenDeployments('f', [deployments[1]!], [], false).length, 1)
  assert.throws(() => chosen([]), (error: Error & { remedy: string }) => /several/.test(error.message) && error.remedy.includes('prod, test'))
  assert.throws(() => chosen(['prd']), (error: Error & { remedy: string }) => error.remedy === "Did you mean 'prod'?")
  assert.throws(() => chosen(['p.od']), /no deployment 'p\.od'/)
})

test('entry points in TypeScript and JavaScript are told from those in Python', () => {
  for (const entrypoint of ['a.ts:f', 'dist/a.js:f', 'a.mts:f', 'a.cjs:default']) assert.ok(isOurs(entrypoint), entrypoint)
  for (const entrypoint of ['a.py:f', 'a.ts', 'module.flow', 'a.tsv:f']) assert.ok(!isOurs(entrypoint), entrypoint)
})

test('a file that is not in order is refused with the place, and fields that nobody reads are told', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-project-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'prefect.yaml')
  const warnings: string[] = []
  const read = (text: string): ReturnType<typeof readProjectFile> => {
    writeFileSync(file, text)
    return readProjectFile(file, true, (message) => warnings.push(message))
  }
  await assert.rejects(read('deployments: { name: x }'), /'deployments' must be a list/)
  await assert.rejects(read('deployments: [{ name: x, schedules: daily }]'), /schedules of 'x' must be a list/)
  await assert.rejects(read('deployments: [{ entrypoint: 7 }]'), /entrypoint of deployment 1 must be a text/)
  await assert.rejects(read('deployments: [\n  - oops\n'), /cannot be understood[^]*line 2/)
  assert.equal((await read('name: p\ndeployments: [{ name: x, work_pol: {} }]')).deployments.length, 1)
  assert.match(warnings.join(), /'work_pol' of 'x'; did you mean 'work_pool'\?/)
  assert.deepEqual(await readProjectFile(path.join(folder, 'none.yaml'), false, () => {}), { deployments: [] })
})
