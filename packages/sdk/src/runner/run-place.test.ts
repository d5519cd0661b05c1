import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { folderOf, pythonCommand } from './run-place.ts'

const place = mkdtempSync(path.join(tmpdir(), 'spillway-run-place-'))
after(() => rmSync(place, { recursive: true }))

/** A folder with a `prefect` command in it. */
function commandIn(...parts: string[]): string {
  const folder = path.join(place, ...parts)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'prefect'), '')
  chmodSync(path.join(folder, 'prefect'), 0o755)
  return folder
}

const python = { entrypoint: 'flows/nightly.py:nightly' }

test("a Python run is started by the active virtual environment, else by the code's own one, else by what is on PATH", () => {
  const onPath = commandIn('usr', 'bin')
  const active = path.dirname(commandIn('active', 'bin'))
  const code = path.dirname(path.dirname(commandIn("ada's code", '.venv', 'bin')))
  const pulled = { ...python, pull_steps: [{ 'prefect.deployments.steps.set_working_directory': { directory: code } }] }
  const ofCode = `'${code.replace("'", String.raw`'\''`)}/.venv/bin/prefect' flow-run execute`
  assert.equal(pythonCommand({ env: {} }, pulled, { PATH: onPath, VIRTUAL_ENV: active }), `'${active}/bin/prefect' flow-run execute`)
  assert.equal(pythonCommand({ env: {} }, pulled, { PATH: onPath }), ofCode)
  assert.equal(pythonCommand({ env: {}, working_dir: code }, python, { PATH: onPath }), ofCode)
  assert.equal(pythonCommand({ env: {} }, python, { PATH: `/nowhere${path.delimiter}${onPath}` }), `'${onPath}/prefect' flow-run execute`)
  assert.equal(pythonCommand({ env: { PATH: onPath } }, python, { PATH: '/nowhere' }), `'${onPath}/prefect' flow-run execute`)
})

test('where there is no prefect command, the error says what to do', () => {
  assert.throws(() => pythonCommand({ env: {} }, python, { PATH: '/nowhere' }), /nightly\.py:nightly is Python[^]*source \.venv\/bin\/activate[^]*job variable command/)
})

test('a run starts in the folder of its job, else in that of its deployment, and one that is missing is told before', () => {
  assert.equal(folderOf({ env: {}, working_dir: place }, { ...python, path: '/nowhere' }), place)
  assert.equal(folderOf({ env: {} }, { entrypoint: 'a.ts:a', path: place }), place)
  assert.equal(folderOf({ env: {} }, { ...python, path: 'flows/in/a/bucket' }), undefined)
  assert.throws(() => folderOf({ env: {} }, { entrypoint: 'a.ts:a', path: '/nowhere' }), /folder \/nowhere.*not on this machine.*working_dir/)
  assert.throws(() => folderOf({ env: {}, working_dir: '/nowhere' }, python), /not on this machine/)
})
