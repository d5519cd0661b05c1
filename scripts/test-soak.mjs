// `npm run test:soak`: the tests of faults with full durations, as in production; what they print goes to bench/results/.
// `npm run test:soak -- stalled` runs those whose path contains the word.
import { ensureDependencies } from './set-up/dependencies.mjs'

ensureDependencies()
const { spawn } = await import('node:child_process')
const { appendFileSync, mkdirSync } = await import('node:fs')
const path = await import('node:path')
const { fileURLToPath } = await import('node:url')

const repoDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const words = process.argv.slice(2)
const folders = ['test/simulation', 'test/streams', 'test/streams-stock', 'test/http', 'test/lifecycle', 'test/proxies', 'test/faults', 'test/sdk', 'test/compat/heavy', 'test/fuzz']
const results = path.join(repoDir, 'bench/results')
mkdirSync(results, { recursive: true })
const file = path.join(results, `soak-${new Date().toISOString().slice(0, 10)}.log`)
const child = spawn(process.execPath, [path.join(repoDir, 'scripts/test.mjs'), ...(words.length > 0 ? words : folders)], {
  env: { ...process.env, SPILLWAY_SOAK: '1' },
  stdio: ['inherit', 'pipe', 'inherit'],
})
child.stdout.on('data', (chunk) => {
  process.stdout.write(chunk)
  appendFileSync(file, chunk)
})
child.on('close', (code) => process.exit(code ?? 1))
