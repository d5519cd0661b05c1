import { existsSync } from 'node:fs'
import path from 'node:path'
import { SpillwayError } from '../errors.ts'

/** What a worker knows of a run's job. */
export interface Job {
  readonly command?: string
  readonly working_dir?: string
  readonly env: Readonly<Record<string, string>>
}

/** What a deployment says of where its code is. */
export interface CodePlace {
  readonly entrypoint?: string | null
  readonly path?: string | null
  readonly pull_steps?: readonly Readonly<Record<string, unknown>>[] | null
}

const WORKING_DIRECTORY = 'prefect.deployments.steps.set_working_directory'

/** Whether an entry point is of a flow in TypeScript or JavaScript. */
export function isOurs(entrypoint: string | null | undefined): entrypoint is string {
  return /\.[cm]?[jt]s:[^:]+$/.test(entrypoint ?? '')
}

/**
 * The folder in which a run starts.
 *
 * @returns undefined for a run of the stock client that fetches its code: it gets an empty folder of its own
 * @throws {SpillwayError} `folder-missing`
 */
export function folderOf(job: Job, deployment: CodePlace): string | undefined {
  const folder = job.working_dir ?? deployment.path ?? undefined
  if (folder === undefined || existsSync(folder)) return folder
  // Its path may be one inside of a storage block or an image, for which the stock client has its own ways.
  if (job.working_dir === undefined && !isOurs(deployment.entrypoint)) return undefined
  throw new SpillwayError('folder-missing', `the folder ${folder}, in which the run starts, is not on this machine. Have the code there, or name its folder here with the job variable working_dir`)
}

/**
 * What starts a flow in Python: the `prefect` command of the virtual environment in which the worker was started, else that of
 * the code's own `.venv` or `venv`, else the one on PATH.
 *
 * @throws {SpillwayError} `python-missing`
 */
export function pythonCommand(job: Job, deployment: CodePlace, environment: NodeJS.ProcessEnv = process.env): string {
  const { PATH = '', VIRTUAL_ENV, CONDA_PREFIX } = { ...environment, ...job.env }
  const onPath = PATH.split(path.delimiter).filter((folder) => folder !== '')
  const active = [VIRTUAL_ENV, CONDA_PREFIX].filter((folder) => folder !== undefined && folder !== '').map((folder) => path.join(folder!, 'bin'))
  const own = codeFolders(job, deployment).flatMap((folder) => [path.join(folder, '.venv/bin'), path.join(folder, 'venv/bin')])
  const found = [...active, ...own, ...onPath].map((folder) => path.join(folder, 'prefect')).find((file) => existsSync(file))
  if (found !== undefined) return `'${found.replaceAll("'", String.raw`'\''`)}' flow-run execute`
  throw new SpillwayError(
    'python-missing',
    `the flow ${deployment.entrypoint ?? ''} is Python, and there is no 'prefect' command: neither on PATH nor in a .venv of its folder. Start the worker where Prefect is installed (source .venv/bin/activate), or say what runs it with the job variable command`,
  )
}

function codeFolders({ working_dir: folder }: Job, { path: place, pull_steps: steps }: CodePlace): string[] {
  const directories = (steps ?? []).map((step) => (step[WORKING_DIRECTORY] as { directory?: unknown } | undefined)?.directory)
  return [folder, place, ...directories].filter((one): one is string => typeof one === 'string' && path.isAbsolute(one))
}
