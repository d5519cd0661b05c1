import { Option, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { repeated, subcommand, wholeNumber, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { nearNames } from '../near-names.ts'
import { misused, readAll } from '../reads.ts'
import { openSession } from '../session.ts'
import { readDocument } from '../values.ts'
import { askForPool } from '../work-pools/ask-for-pool.ts'

interface StartOptions {
  readonly pool?: string
  readonly name?: string
  readonly type?: string
  readonly workQueue?: string[]
  readonly limit?: number
  readonly prefetchSeconds?: number
  readonly runOnce?: boolean
  readonly withHealthcheck?: boolean
  readonly baseJobTemplate?: string
  readonly createPoolIfNotFound?: boolean
}

/** The type of pool whose runs this worker can start. */
const TYPE = 'process'

export function workerCommands(group: Command): void {
  subcommand(
    group,
    'start',
    'Start a worker, which runs the deployments of a process pool on this machine, TypeScript and Python ones. It also starts while the server is away. The first Ctrl-C lets runs under way end, the second stops them, the third kills them.',
    'spillway worker start --pool local',
    'spillway worker start --pool local --work-queue urgent --limit 4 --with-healthcheck',
  )
    .option('-p, --pool <name>', 'the work pool; it is made when there is none (default: PREFECT_DEFAULT_WORK_POOL_NAME)')
    .option('-n, --name <name>', 'what the worker is called (default: machine and process id)')
    .option('-q, --work-queue <name>', 'take runs of this queue only; may be repeated', repeated)
    .option('-t, --type <type>', "'process': the only type that this command runs")
    .option('-l, --limit <count>', 'runs at a time', wholeNumber(1), 10)
    .option('--prefetch-seconds <count>', 'take runs so long before their time (default: PREFECT_WORKER_PREFETCH_SECONDS or 10)', wholeNumber())
    .option('--run-once', 'ask for runs once, and end when they have ended')
    .option('--with-healthcheck', 'answer GET /health, /ready and /metrics at PREFECT_WORKER_WEBSERVER_HOST and _PORT (default: 0.0.0.0:8080)')
    .option('--base-job-template <file>', 'JSON file with the template of jobs of a pool that is made')
    .option('--create-pool-if-not-found', 'make a pool that is not there without asking (default where nobody can be asked)')
    .option('--no-create-pool-if-not-found', 'end with an error when the pool is not there')
    .addOption(new Option('--install-policy <policy>', 'of packages of Python; without meaning here').hideHelp())
    .action(withCli(start))
}

async function start(cli: Cli, options: StartOptions): Promise<void> {
  const { environment } = await cli.settings()
  const pool = await cli.orAsk(
    options.pool ?? environment['PREFECT_DEFAULT_WORK_POOL_NAME'],
    async (prompts) => await askForPool(prompts, await cli.client(), TYPE),
    () => misused('--pool is missing.', "'spillway work-pool ls' lists the pools there are."),
  )
  if (options.type !== undefined && options.type !== TYPE) throw otherType(pool, options.type)
  if (options.createPoolIfNotFound === undefined && (await cli.canAsk())) await offerPool(cli, pool)
  const template = options.baseJobTemplate === undefined ? undefined : await readDocument(options.baseJobTemplate)
  const seconds = (name: string, fallback: number): number => secondsOf(name, environment[name], fallback)
  const session = await openSession(cli)
  const { startWorker } = await import('@spillway/sdk')
  try {
    await startWorker({
      pool,
      limit: options.limit ?? 10,
      prefetch: 1000 * (options.prefetchSeconds ?? seconds('PREFECT_WORKER_PREFETCH_SECONDS', 10)),
      pollEvery: 1000 * seconds('PREFECT_WORKER_QUERY_SECONDS', 10),
      heartbeat: 1000 * seconds('PREFECT_WORKER_HEARTBEAT_SECONDS', 30),
      createPool: options.createPoolIfNotFound ?? true,
      once: options.runOnce ?? false,
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.workQueue === undefined ? {} : { queues: options.workQueue }),
      ...(template ? { baseJobTemplate: template } : {}),
      ...(options.withHealthcheck ? { health: { host: environment['PREFECT_WORKER_WEBSERVER_HOST'] ?? '0.0.0.0', port: Number(environment['PREFECT_WORKER_WEBSERVER_PORT'] ?? 8080) } } : {}),
    })
  } catch (error) {
    throw explained(error, pool)
  } finally {
    await session.close()
  }
}

/** A name that is mistyped would make another pool. A server that does not answer yet is waited for later. */
async function offerPool(cli: Cli, name: string): Promise<void> {
  const client = await cli.client()
  const pools = await readAll<{ name: string }>(client, '/work_pools/filter').catch(() => undefined)
  if (pools === undefined || pools.some((pool) => pool.name === name)) return
  const near = nearNames(name, pools.map((pool) => pool.name))
  const { agree } = await import('../prompts.ts')
  const hint = near.length === 0 ? '' : ` (There is ${near.map((one) => `'${one}'`).join(', ')}.)`
  if (!(await agree(`There is no work pool '${name}'.${hint} Make it, of type ${TYPE}?`))) throw new CommandError('Nothing was changed.')
}

function otherType(pool: string, type: string): CommandError {
  return misused(`This worker runs processes, and no jobs of the type '${type}'.`, `Stock workers do: prefect worker start --pool ${pool} --type ${type}`)
}

function explained(error: unknown, pool: string): unknown {
  const { code, message, poolType } = error as { code?: string; message: string; poolType?: string }
  if (poolType !== undefined) return otherType(pool, poolType)
  return code === 'pool-missing' || code === 'health-port' ? new CommandError(`The worker does not start: ${message}`, { cause: error }) : error
}

function secondsOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw misused(`${name} is '${text}'; it must be a number of seconds.`)
  return value
}
