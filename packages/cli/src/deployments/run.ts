import { randomUUID } from 'node:crypto'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { repeated, subcommand, wholeNumber, withCli } from '../command.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { nearNames } from '../near-names.ts'
import { misused } from '../reads.ts'
import { startTime } from './start-time.ts'
import { ago, localTime } from '../times.ts'
import { jsonObject, keyValues, standardInput } from '../values.ts'
import { expectCompleted, watchFlowRun } from '../watch-flow-run.ts'
import { deploymentOf, deploymentsOf, type NamedDeployment } from './reads.ts'

interface RunOptions {
  readonly id?: string
  readonly param?: string[]
  readonly params?: string
  readonly jobVariable?: string[]
  readonly startIn?: string
  readonly startAt?: string
  readonly tag?: string[]
  readonly flowRunName?: string
  readonly watch?: boolean
  readonly watchInterval?: number
  readonly watchTimeout?: number
}

export function deploymentRunCommand(group: Command): void {
  subcommand(
    group,
    'run [name]',
    'Create a run of a deployment. It starts as soon as a worker or a served process takes it. With --watch the exit code tells whether it completed.',
    'spillway deployment run nightly/prod --param day=2026-01-31 --watch',
    `spillway deployment run nightly/prod --params '{"day": "2026-01-31"}' --start-in "2 hours"`,
  )
    .option('--id <id>', 'the deployment, when no name is given')
    .option('-p, --param <key=value>', 'a parameter; its value may be JSON; may be repeated', repeated)
    .option('--params <json>', "parameters as a JSON object; '-' reads it from the standard input")
    .option('--job-variable <key=value>', 'a variable of the job; its value may be JSON; may be repeated', repeated)
    .option('--start-in <time>', "how long to wait before it starts: '10 minutes'")
    .option('--start-at <time>', "when it starts: '5:30pm', '2026-08-01 17:30'")
    .option('--tag <tag>', 'tag of the run; may be repeated', repeated)
    .option('--flow-run-name <name>', "name of the run; '{day}' stands for the parameter day")
    .option('--watch', 'wait until the run has ended, and show its states and logs')
    .option('--watch-interval <seconds>', 'look at the run so often', wholeNumber(1))
    .option('--watch-timeout <seconds>', 'wait so long at most', wholeNumber(1))
    .action(
      withCli(async (cli, name: string | undefined, options: RunOptions) => {
        const [start, parameters] = [await startTime(options), await parametersOf(options)]
        const jobVariables = keyValues(options.jobVariable ?? [], '--job-variable')
        const client = await cli.client()
        const deployment = await deploymentOf(client, name ?? (await askedDeployment(cli, client, options.id)), options.id)
        checkNames(parameters, deployment)
        const run = await client.createFlowRunFromDeployment(deployment.id, {
          parameters,
          state: { type: 'SCHEDULED', state_details: { scheduled_time: start.toISOString() } },
          tags: options.tag ?? [],
          job_variables: jobVariables,
          idempotency_key: randomUUID(),
          ...(options.flowRunName === undefined ? {} : { name: nameWith(options.flowRunName, { ...deployment.parameters, ...parameters }) }),
        })
        if (!options.watch) {
          const { apiUrl } = await cli.sdkSettings()
          return cli.show(run, () => {
            cli.print(`Created flow run '${run.name}' of '${deployment.fullName}'.`)
            cli.fields({ id: run.id, parameters: JSON.stringify(run.parameters), 'starts at': `${localTime(start.toISOString())} (${ago(start.toISOString())})`, page: `${apiUrl.replace(/\/api$/, '')}/runs/flow-run/${run.id}` })
          })
        }
        cli.note(`Created flow run '${run.name}' (${run.id}).`)
        const ended = await watchFlowRun(cli, client, run.id, { intervalSeconds: options.watchInterval, timeoutSeconds: options.watchTimeout })
        cli.show(ended, () => cli.print(`Flow run '${ended.name}' ended ${ended.state_name}.`))
        expectCompleted(ended)
      }),
    )
}

/** Lets the user choose where neither a name nor an id was given. */
async function askedDeployment(cli: Cli, client: ApiClient, id: string | undefined): Promise<string | undefined> {
  if (id !== undefined || !(await cli.canAsk())) return undefined
  const deployments = await deploymentsOf(client)
  if (deployments.length === 0) throw new CommandError('There are no deployments to run.', { remedy: 'Make one with: spillway deploy <file.ts>:<flow> --name <name> --pool <pool>' })
  const { choose } = await import('../prompts.ts')
  return await choose('Which deployment?', deployments.map((one) => ({ value: one.fullName, hint: one.description ?? '' })))
}

async function parametersOf({ param = [], params }: RunOptions): Promise<Record<string, unknown>> {
  const text = params === '-' ? await standardInput() : params
  return { ...(text === undefined ? {} : jsonObject(text, '--params')), ...keyValues(param, '--param') }
}

/** A name that the flow does not have is told here, with what was meant; where the form is not known, the flow looks itself. */
function checkNames(parameters: Readonly<Record<string, unknown>>, deployment: NamedDeployment): void {
  const known = Object.keys((deployment.parameter_openapi_schema as { properties?: object } | null)?.properties ?? {})
  if (known.length === 0) return
  for (const name of Object.keys(parameters)) {
    if (known.includes(name)) continue
    const [near] = nearNames(name, known)
    throw misused(`'${deployment.fullName}' has no parameter '${name}'.`, near === undefined ? `It has: ${known.join(', ')}.` : `Did you mean '${near}'?`)
  }
}

function nameWith(template: string, parameters: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{([^{}]*)\}/g, (_whole, name: string) => {
    if (!(name in parameters)) throw new CommandError(`--flow-run-name asks for the parameter '${name}', which has no value.`, { exitCode: EXIT.usage })
    const value = parameters[name]
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}
