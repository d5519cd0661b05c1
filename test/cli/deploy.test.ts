import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Automation } from '@spillway/core/wire/automations'
import type { DeploymentResponse } from '@spillway/core/wire/deployments'
import { liveFixture, repository } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
await client.createWorkPool({ name: 'local', type: 'process' })
await client.createVariable({ name: 'least', value: 3 })
const cwd = path.join(repository, 'test/cli')
const file = path.join(spillway.home, 'prefect.yaml')
writeFileSync(
  file,
  `deployments:
  - name: prod
    entrypoint: flows/deployed.ts:countWords
    tags: [nightly]
    catch_up: latest
    max_late: 10m
    labels: { team: dams }
    parameters: { text: a dam holds, least: "{{ prefect.variables.least }}" }
    schedules:
      - { cron: "0 3 * * *", timezone: Europe/Paris, slug: early }
      - { interval: "PT1H", active: false }
    concurrency_limit: { limit: 2, collision_strategy: CANCEL_NEW }
    triggers:
      - { expect: [order.paid], parameters: { text: "{{ event.payload.text }}" } }
    work_pool: { name: "{{ $POOL }}", work_queue_name: urgent, job_variables: { env: { TOKEN: "{{ prefect.blocks.secret.token }}" } } }
  - name: test
    entrypoint: flows/deployed.ts:failing
    work_pool: { name: local }
  - name: py
    entrypoint: flows/old.py:old
    work_pool: { name: local }
`,
)
const deploy = (...words: string[]): Promise<string> => spillway.ok(['deploy', ...words], { cwd, env: { POOL: 'local' } })
const refusal = (...words: string[]): ReturnType<typeof spillway.run> => spillway.run(['deploy', ...words], { cwd, env: { POOL: 'local' } })

test('a deployment of a prefect.yaml is registered with all that it says, and what its flow says', async () => {
  await deploy('--prefect-file', file, '--name', 'prod')
  const made = (await client.findDeployment('count-words', 'prod'))!
  assert.deepEqual([made.work_pool_name, made.work_queue_name, made.tags, made.description, made.version], ['local', 'urgent', ['nightly'], 'Counts words.', '7'])
  assert.deepEqual([made.entrypoint, made.path, made.parameters], ['flows/deployed.ts:countWords', cwd, { text: 'a dam holds', least: 3 }])
  assert.deepEqual(Object.keys((made.parameter_openapi_schema as { properties: object }).properties), ['text', 'least'])
  assert.deepEqual([made.labels?.['spillway.catch-up'], made.labels?.['spillway.max-late-seconds'], made.labels?.['team']], ['latest', 600, 'dams'])
  // Secrets are filled in by the worker, when a run starts.
  assert.deepEqual(made.job_variables, { command: 'npx --no-install spillway-flow-run', working_dir: cwd, env: { TOKEN: '{{ prefect.blocks.secret.token }}' } })
  assert.deepEqual(Object.fromEntries(made.schedules.map(({ slug, active }) => [slug ?? 'none', active])), { early: true, none: false })
  assert.deepEqual([made.global_concurrency_limit?.limit, made.concurrency_options?.collision_strategy], [2, 'CANCEL_NEW'])
})

test('its triggers become automations that run it, once, however often it is deployed', async () => {
  for (let time = 0; time < 2; time++) await deploy('--prefect-file', file, '--name', 'count-words/prod')
  const { id } = (await client.findDeployment('count-words', 'prod'))!
  const automations = await client.call<Automation[]>('GET', `/automations/related-to/prefect.deployment.${id}`)
  assert.deepEqual(automations.map(({ name, actions }) => [name, actions.map((action) => 'deployment_id' in action && action.deployment_id)]), [['prod__automation_1', [id]]])
  assert.deepEqual((automations[0]!.actions[0] as { parameters: object }).parameters, { text: '{{ event.payload.text }}' })
})

test('--all deploys every flow in TypeScript, and names the command for those in Python', async () => {
  const { code, stderr, stdout } = await refusal('--prefect-file', file, '--all')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /Deployed 'count-words\/prod'[^]*Deployed 'failing\/test'/)
  assert.match(stderr, /prefect deploy --name py/)
  assert.ok(await client.findDeployment('failing', 'test'))
})

test('a flow is deployed by its entry point, with options for the rest', async () => {
  const words = ['flows/deployed.ts:countWords', '-n', 'adhoc', '--pool', 'local', '--cron', '0 5 * * *', '--param', 'text=one two', '--tag', 'x', '--job-variable', 'command=node run.js', '--version', '9', '--concurrency-limit', '1', '--catch-up', 'skip', '--no-enforce-parameter-schema']
  const [made] = JSON.parse(await deploy(...words, '--json')) as DeploymentResponse[]
  assert.deepEqual([made?.parameters, made?.tags, made?.version, made?.enforce_parameter_schema], [{ text: 'one two' }, ['x'], '9', false])
  assert.equal(made?.labels['spillway.catch-up'], 'skip')
  assert.deepEqual([made?.schedules[0]?.schedule, made?.job_variables['command']], [{ cron: '0 5 * * *', timezone: null, day_or: true }, 'node run.js'])
})

test('what cannot be deployed is told with what to do, and nothing is changed', async () => {
  const steps = path.join(spillway.home, 'steps.yaml')
  writeFileSync(steps, 'pull: [{ prefect.deployments.steps.git_clone: { repository: x } }]\ndeployments:\n  - { name: cloned, entrypoint: "flows/deployed.ts:failing", work_pool: { name: local }, work_poll: {} }\n')
  const cases = [
    [['--prefect-file', file], /holds several deployments[^]*prod, test, py/],
    [['--prefect-file', file, '--name', 'prd'], /Did you mean 'prod'\?/],
    [['--prefect-file', file, '--name', 'py'], /prefect deploy --name py/],
    [['--prefect-file', steps], /did you mean 'work_pool'\?[^]*git_clone[^]*pull: null/],
    [['flows/deployed.ts:countWord', '-n', 'x', '-p', 'local'], /There is no flow of flows\/deployed\.ts called 'countWord'\.\nDid you mean 'countWords'\?/],
    [['flows/deployed.ts:failing', '-n', 'x', '-p', 'nowhere'], /spillway work-pool create nowhere/],
    [['flows/deployed.ts:failing', '-n', 'x'], /--pool/],
    [['flows/deploy.ts:failing', '-n', 'x', '-p', 'local'], /There is no file 'flows\/deploy\.ts' in [^]*Flows below this folder: flows\/deployed\.ts:countWords/],
    [['flows/deployed.ts:failing', '-n', 'x', '-p', 'locl'], /which is not there\.\nDid you mean 'local'\?/],
    [[], /There is no prefect\.yaml here, and no flow was named[^]*<file\.ts>:<flow>/],
    [['flows/deployed.ts', '-n', 'x'], /names a file and no flow in it[^]*flows\/deployed\.ts:countWords/],
    [['flows/old.py:old', '-n', 'x', '-p', 'local'], /prefect deploy flows\/old\.py:old --name x --pool local/],
    [['flows/deployed.ts:failing', '-p', 'local'], /--name/],
  ] as const
  await Promise.all(cases.map(async ([words, hint]) => {
    const { code, stderr } = await refusal(...words)
    assert.notEqual(code, 0)
    assert.match(stderr, hint)
  }))
  assert.equal(await client.findDeployment('failing', 'x'), undefined)
})
