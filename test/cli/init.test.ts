import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { makeTempDir } from '../compat/target.ts'
import { atEnd } from '../sdk/at-end.ts'
import { run } from '../packages/lib/install.ts'
import { root } from '../packages/lib/packed.ts'

// What a new user does with the project is in test/packages/new-user.test.ts.
const work = makeTempDir('init')
atEnd(() => rmSync(work, { recursive: true, force: true }))
const spillway = async (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  await run(process.execPath, ['--conditions=spillway-source', path.join(root, 'packages/cli/src/main.ts'), ...args], { cwd: work, env: process.env as Record<string, string> })

test('init --json tells the folder and its files, and the project has a name that npm takes', async () => {
  const told = JSON.parse((await spillway('init', 'My Flöws 2', '--json')).stdout) as { folder: string; files: string[] }
  assert.equal(told.folder, path.join(work, 'My Flöws 2'))
  for (const file of told.files) assert.ok(existsSync(path.join(told.folder, file)), file)
  assert.equal((JSON.parse(readFileSync(path.join(told.folder, 'package.json'), 'utf8')) as { name: string }).name, 'my-fl-ws-2')
})

test('init in a folder that has one of the files writes none of them', async () => {
  const folder = path.join(work, 'mine')
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'tsconfig.json'), '{}')
  await assert.rejects(spillway('init', 'mine'), (error: { code: number; stderr: string }) => error.code === 1 && /mine has tsconfig\.json already[^]*npm install spillway/.test(error.stderr))
  assert.deepEqual(readdirSync(folder), ['tsconfig.json'])
})

test('init says why nothing can be written', async () => {
  writeFileSync(path.join(work, 'file'), '')
  await assert.rejects(spillway('init', 'file/below'), (error: { code: number; stderr: string }) => error.code === 1 && /Nothing can be written to .*below: ENOTDIR[^]*spillway init my-flows/.test(error.stderr))
})
