// Writes the locked requirement files in test/prefect/ anew.
//
//   node scripts/set-up/bump-prefect.mjs              all locks of test/prefect/inputs.json
//   node scripts/set-up/bump-prefect.mjs 3.9.1        one of them
//   node scripts/set-up/bump-prefect.mjs 3.9.2        a version that is new here: added to inputs.json
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findOrInstallUv } from './prefect.mjs'
import { run } from './processes.mjs'

const lockDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../test/prefect')
const inputsFile = path.join(lockDir, 'inputs.json')
const inputs = JSON.parse(readFileSync(inputsFile, 'utf8'))
const names = process.argv.slice(2)

const uv = await findOrInstallUv()
if (!uv) throw new Error('locking needs uv: install it, or let this machine reach a package index')

for (const name of names.length > 0 ? names : Object.keys(inputs.locks)) {
  if (!inputs.locks[name]) {
    inputs.locks[name] = [`prefect==${name}`]
    writeFileSync(inputsFile, `${JSON.stringify(inputs, null, 2)}\n`)
  }
  await lock(name, inputs.locks[name])
}

async function lock(name, wanted) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'spillway-lock-'))
  try {
    const wantedFile = path.join(dir, 'wanted.txt')
    const overridesFile = path.join(dir, 'overrides.txt')
    const outFile = path.join(lockDir, `requirements-${name}.txt`)
    writeFileSync(wantedFile, `${wanted.join('\n')}\n`)
    writeFileSync(overridesFile, `${inputs.overrides.join('\n')}\n`)
    const args = ['pip', 'compile', '--quiet', '--universal', '--upgrade', '--no-header', '--no-annotate']
    args.push('--no-emit-index-url', '--no-emit-find-links', '--python-version', inputs.pythonVersion)
    args.push('--override', overridesFile, wantedFile, '--output-file', outFile)
    await run(uv, args, { label: `${name}: locking` })
    console.log(`${name}: wrote ${path.relative(process.cwd(), outFile)}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
