import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApiClient } from '../client/api.ts'
import { fillTemplate, jobOf, referenceValue } from './job-template.ts'

const client = {
  findVariable: async (name: string) => (name === 'region' ? { value: 'eu' } : undefined),
  findBlock: async (type: string, name: string) => (type === 'login' && name === 'crm' ? { data: { user: 'ada', token: { value: 7 } } } : undefined),
} as unknown as ApiClient

test('a text that is one placeholder becomes the value itself, others take it in as text', async () => {
  const values: Record<string, unknown> = { env: { A: '1' }, n: 3 }
  assert.deepEqual(await fillTemplate({ env: '{{ env }}', name: 'run-{{ n }}', gone: '{{ nothing }}', list: ['{{n}}', '{{ nothing }}'] }, (name) => values[name]), {
    env: { A: '1' },
    name: 'run-3',
    list: [3],
  })
})

test('a job takes defaults of the pool, then the values of the deployment, then those of the run', async () => {
  const template = {
    job_configuration: { command: '{{ command }}', env: { FIXED: 'yes', REGION: '{{ region }}' }, working_dir: '{{ working_dir }}' },
    variables: { properties: { region: { default: 'us' }, working_dir: { default: null }, command: {} } },
  }
  assert.deepEqual(await jobOf(client, template, [{ command: 'a', working_dir: '/srv' }, { command: 'b', region: 'asia' }]), {
    command: 'b',
    env: { FIXED: 'yes', REGION: 'asia' },
    region: 'asia',
    working_dir: '/srv',
  })
})

test('environment variables of pool, deployment and run are put together', async () => {
  const template = { job_configuration: { env: '{{ env }}' }, variables: { properties: { env: { default: { A: 'pool', B: 'pool' } } } } }
  const job = await jobOf(client, template, [{ env: { B: 'deployment', C: '{{ prefect.variables.region }}' } }, { env: { D: '{{ prefect.blocks.login.crm.token.value }}' } }])
  assert.deepEqual(job['env'], { A: 'pool', B: 'deployment', C: 'eu', D: 7 })
})

test('a variable or block that is not there is an error that names it', async () => {
  await assert.rejects(referenceValue(client, 'prefect.variables.nope'), /prefect\.variables\.nope .*spillway variable set nope/)
  await assert.rejects(referenceValue(client, 'prefect.blocks.login.nope.user'), /spillway block ls/)
})
