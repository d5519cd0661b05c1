// `npm run pack`: builds the packages and packs each into a tarball under .cache/packages, as they are published.
// `npm run pack -- --json folder` packs into another folder, and prints what npm tells about the tarballs.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pinnedNode, root } from './set-up/dependencies.mjs'

const args = process.argv.slice(2)
const isJson = args.includes('--json')
const folder = resolve(args.find((arg) => !arg.startsWith('--')) ?? join(root, '.cache', 'packages'))
// Of its own folder the tarballs of earlier versions go, so that `*.tgz` names one of each.
if (folder.startsWith(join(root, '.cache'))) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
execFileSync(pinnedNode(), [join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: ['ignore', isJson ? 'ignore' : 'inherit', 'inherit'] })
const workspaces = ['core', 'server', 'sdk', 'cli'].map((name) => `--workspace=packages/${name}`)
const told = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${folder}`, ...workspaces], { cwd: root, encoding: 'utf8' })
if (isJson) process.stdout.write(told)
else {
  for (const file of readdirSync(folder)) console.log(join(folder, file))
  console.log(`\nInto a project:  npm install ${join(folder, '*.tgz')}`)
}
