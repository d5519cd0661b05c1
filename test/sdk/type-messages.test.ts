import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A mistake, and what the compiler has to say about it. */
const mistakes: readonly (readonly [code: string, message: RegExp])[] = [
  ['void nightly({})', /Property 'day' is missing in type '\{\}' but required in type '\{ day: string; dryRun\?: boolean/],
  ['void nightly({ day: 7 })', /Type 'number' is not assignable to type 'string'/],
  ["void nightly({ day: 'monday', dryrun: true })", /'dryrun' does not exist in type .* Did you mean to write 'dryRun'\?/],
  ["void (async (): Promise<number> => await (await runDeployment(nightly, 'prod', { day: 'monday' })).result())", /Type '\{ day: string; dryRun: boolean; \}' is not assignable to type 'number'/],
  ["void runDeployment(nightly, 'prod', { x: 1 })", /'x' does not exist in type '\{ day: string; dryRun\?: boolean/],
  ["void runDeployment(nightly, 'prod')", /"a third argument with the parameter 'day' is missing: runDeployment\(flow, 'name', \{ day \}\)"/],
  ['void runDeployment(nightly)', /"a second argument with the name of the deployment is missing: runDeployment\(flow, 'name'\)"/],
  ["void runDeployment(nightly, { day: 'monday' })", /"a third argument with the parameter 'day' is missing: runDeployment\(flow, 'name', \{ day \}\)"/],
  ['void runDeployment(bare, {})', /"the name of the deployment, which comes before parameters: runDeployment\(flow, 'name'\)"/],
  ["void runDeployment(nightly, 'prod', {})", /Property 'day' is missing in type '\{\}'/],
  ["void typed({ x: 'one' })", /Type 'string' is not assignable to type 'number'/],
  ["void add('1', 2)", /Argument of type 'string' is not assignable to parameter of type 'number \| RunFuture<number>'/],
  ['void add(1)', /Expected 2 arguments, but got 1/],
  ["void add.delay('1', 2)", /Argument of type 'string' is not assignable to parameter of type 'number/],
  ["task({ name: 'x', retry: 3 }, () => 1)", /'retry' does not exist in type 'TaskOptions</],
  ["flow({ name: 'x', retries: '3' }, () => 1)", /Type 'string' is not assignable to type 'number'/],
  ["void automation({ name: 'x', trigger: trigger.missing('y', {}), actions: [] })", /Property 'within' is missing in type '\{\}'/],
  ["action.runDeployment(nightly, 'prod', { day: 7 })", /Type 'number' is not assignable to type 'string'/],
  ['action.runDeployment(nightly)', /"a second argument with the name of the deployment is missing: runDeployment\(flow, 'name'\)"/],
  ["action.runDeployment(nightly, 'prod')", /"a third argument with the parameter 'day' is missing: runDeployment\(flow, 'name', \{ day \}\)"/],
  ["void api.request('GET /flow_runs/{id}/stats', { path: { id: '7' } })", /Argument of type '"GET \/flow_runs\/\{id\}\/stats"' is not assignable to parameter of type 'keyof Routes'/],
  ["void api.request('GET /flow_runs/{id}')", /Expected 2-3 arguments, but got 1/],
  ["void api.request('GET /flow_runs/{id}', { path: { flow_run_id: '7' } })", /'flow_run_id' does not exist in type '\{ id: string; \}'/],
  ["void api.request('GET /flow_runs/{id}', { path: { id: '7' }, body: {} })", /'body' does not exist in type '\{ path: \{ id: string; \}; \}'/],
  ["void api.request('POST /flow_runs/', { body: { name: 'x' } })", /Property 'flow_id' is missing in type '\{ name: string; \}' but required in type 'FlowRunCreate'/],
  ["void api.request('POST /flow_runs/{id}/set_state', { path: { id: '7' }, body: { state: { type: 'RUNNING' }, forse: true } })", /'forse' does not exist in type 'SetFlowRunStateBody'\. Did you mean to write 'force'\?/],
  ["void api.request('POST /flow_runs/{id}/set_state', { path: { id: '7' }, body: { state: { type: 'STARTED' } } })", /Type '"STARTED"' is not assignable to type 'StateType'/],
  ["void api.request('GET /block_documents/{id}', { path: { id: '7' }, query: { include_secret: true } })", /'include_secret' does not exist in type .* Did you mean to write 'include_secrets'\?/],
  ["void (async () => (await api.request('GET /flow_runs/{id}', { path: { id: '7' } })).state_nam)", /Property 'state_nam' does not exist on type 'FlowRunResponse'\. Did you mean 'state_name'\?/],
  ["void (async (): Promise<string> => (await api.request('GET /flow_runs/{id}', { path: { id: '7' } })).state_name)", /Type 'string \| null' is not assignable to type 'string'/],
]

const head = `
import { action, automation, flow, readSdkSettings, runDeployment, task, trigger, type } from '@spillway/sdk'
import { ApiClient } from '@spillway/sdk/client'
import { z } from 'zod'
const nightly = flow({ name: 'nightly', params: z.object({ day: z.string(), dryRun: z.boolean().default(false) }) }, ({ day, dryRun }) => ({ day, dryRun }))
const typed = flow({ name: 'typed', params: type<{ x: number }>() }, ({ x }) => x)
const bare = flow({ name: 'bare' }, () => 1)
const add = task({ name: 'add' }, (a: number, b: number) => a + b)
const api = new ApiClient({ settings: readSdkSettings({}) })
`

test('what is wrong does not compile, and the compiler says in readable words why', (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'spillway-types-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ extends: path.join(root, 'tsconfig.json'), include: [], files: ['wrong.ts'] }))
  writeFileSync(path.join(folder, 'wrong.ts'), `${head}${mistakes.map(([code]) => code).join('\n')}\n`)
  const { stdout, status } = spawnSync(path.join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8', timeout: 600_000 })
  assert.notEqual(status, 0)
  const before = head.split('\n').length - 1
  const errors = new Map<number, string>()
  for (const [, line, message] of stdout.matchAll(/^wrong\.ts\((\d+),\d+\): error ([^]*?)(?=\n\S|\n*$(?![^]))/gm)) errors.set(Number(line) - before, `${errors.get(Number(line) - before) ?? ''}${message}`)
  for (const [index, [code, message]] of mistakes.entries()) assert.match(errors.get(index + 1) ?? '(no error)', message, code)
  assert.equal(errors.size, mistakes.length, stdout)
})
