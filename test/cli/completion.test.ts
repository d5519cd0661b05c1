/** Completion, in the shells themselves where they are there, else by what the scripts ask for. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commandFixture, repository } from './lib/command.ts'

const spillway = commandFixture()
const bin = path.join(spillway.home, 'bin')
mkdirSync(bin)
writeFileSync(path.join(bin, 'spillway'), `#!/bin/sh\nexec '${process.execPath}' --conditions=spillway-source '${path.join(repository, 'packages/cli/src/main.ts')}' "$@"\n`, { mode: 0o755 })
const env = { ...process.env, HOME: spillway.home, SPILLWAY_HOME: spillway.home, PATH: `${bin}:${process.env['PATH']}`, NODE_NO_WARNINGS: '1' }

/** Runs a script in a shell. */
function inShell(shell: string, script: string): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(shell, ['-c', script], { env, encoding: 'utf8', timeout: 180_000 })
}

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0
}

test('words are completed by what may stand there: groups, commands, options, values', async () => {
  const cases: [typed: string[], expected: string[]][] = [
    [['flow-'], ['flow-run']],
    [['flow-run', 'l'], ['ls', 'logs']],
    [['flow-runs', 'ls', '--state-t'], ['--state-type']],
    [['flow-run', 'ls', '--output', ''], ['json']],
    [['--profile', 'x', 'conf'], ['config']],
    [['server', 'services', ''], ['ls']],
    [['flow-run', 'ls', '--state', ''], []],
    [['--js'], ['--json']],
  ]
  const answers = await Promise.all(cases.map(([typed]) => spillway.ok(['completion', 'words', '--', ...typed])))
  assert.deepEqual(answers.map((text) => text.split('\n').filter(Boolean)), cases.map(([, expected]) => expected))
  assert.match(await spillway.ok(['completion', 'words', '--described', '--', 'flow-run', 'cancel']), /^cancel\tCancel a flow run\.$/m)
})

test('the script for bash completes in bash', () => {
  const { stdout, stderr, status } = inShell('bash', `
    source <(spillway completion bash)
    complete -p spillway
    COMP_WORDS=(spillway flow-run in); COMP_CWORD=2; _spillway; echo "one: \${COMPREPLY[*]}"
    COMP_WORDS=(spillway profile ''); COMP_CWORD=2; _spillway; echo "many: \${#COMPREPLY[@]}"
  `)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /complete -o default -F _spillway spillway/)
  assert.match(stdout, /^one: inspect$/m)
  assert.match(stdout, /^many: 7$/m)
})

test('the script for zsh is sound', async (t) => {
  if (has('zsh')) {
    const { stderr, status } = inShell('zsh', 'autoload -U compinit && compinit -u -D; source <(spillway completion zsh); print $_comps[spillway]')
    assert.equal(status, 0, stderr)
    return
  }
  t.diagnostic('zsh is not on this machine: the script is looked at, not run')
  const script = await spillway.ok(['completion', 'zsh'])
  assert.match(script, /^#compdef spillway$/m)
  assertBalanced(script)
})

test('the script for fish is sound', async (t) => {
  const script = await spillway.ok(['completion', 'fish'])
  if (has('fish')) {
    const { stdout, stderr, status } = inShell('fish', 'spillway completion fish | source; complete -C "spillway flow-run in"')
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^inspect/m)
    return
  }
  t.diagnostic('fish is not on this machine: the script is looked at, not run')
  assert.match(script, /^complete -c spillway -a '/m)
  assertBalanced(script)
})

/** Quotes and brackets that are opened are closed, comments left out. */
function assertBalanced(script: string): void {
  const code = script.replace(/^#.*$/gm, '')
  const count = (mark: string): number => code.split(mark).length - 1
  for (const [open, close] of [['(', ')'], ['{', '}'], ['[', ']']] as const) assert.equal(count(open), count(close), open)
  for (const quote of ['"', "'"]) assert.equal(count(quote) % 2, 0, quote)
}
