import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CommandError } from '../exit-codes.ts'
import { containerCommand, runProgram } from './container-command.ts'
import { autoDockerfile, IGNORED } from './dockerfile.ts'

/** What a step is told in the file, placeholders filled. */
export type Inputs = Readonly<Record<string, unknown>>

/** What later steps and the deployment can ask of it: `{{ <id>.<field> }}` */
export type Outputs = Readonly<Record<string, unknown>>

const BUILD_INPUTS = ['image_name', 'tag', 'additional_tags', 'dockerfile', 'path', 'ignore_cache', 'nocache', 'pull', 'platform', 'target', 'network_mode', 'buildargs', 'labels']
const PUSH_INPUTS = ['image_name', 'tag', 'additional_tags', 'credentials']

/** Builds an image as `prefect_docker.deployments.steps.build_docker_image` does, by the user's own `docker` or `podman`. */
export async function buildImage(inputs: Inputs, warn: (message: string) => void): Promise<Outputs> {
  warnOfOthers(inputs, BUILD_INPUTS, warn)
  const command = containerCommand()
  const image = imageOf(inputs)
  const context = path.resolve(textOf(inputs['path']) ?? '.')
  const dockerfile = textOf(inputs['dockerfile']) ?? 'Dockerfile'
  const own = mkdtempSync(path.join(tmpdir(), 'spillway-image-'))
  try {
    const file = dockerfile === 'auto' ? writeDockerfile(own, context) : existing(path.resolve(context, dockerfile))
    const idFile = path.join(own, 'image-id')
    const flags: readonly (readonly [name: string, values: readonly unknown[]])[] = [
      ['--tag', image.all],
      ['--file', [file]],
      ['--iidfile', [idFile]],
      ...(command === 'podman' && existsSync(`${file}.dockerignore`) ? [['--ignorefile', [`${file}.dockerignore`]] as const] : []),
      ['--platform', valuesOf(inputs['platform'])],
      ['--target', valuesOf(inputs['target'])],
      ['--network', valuesOf(inputs['network_mode'])],
      ['--build-arg', pairsOf(inputs['buildargs'])],
      ['--label', pairsOf(inputs['labels'])],
    ]
    const switches = [...(isOn(inputs['ignore_cache']) || isOn(inputs['nocache']) ? ['--no-cache'] : []), ...(isOn(inputs['pull']) ? ['--pull'] : [])]
    const args = ['build', ...flags.flatMap(([name, values]) => values.flatMap((value) => [name, String(value)])), ...switches, context]
    // BuildKit is what reads the list of ignored files beside a Dockerfile.
    await runProgram(command, args, `${command} build`, { env: { DOCKER_BUILDKIT: '1' } })
    return { ...image.outputs, image_id: existsSync(idFile) ? readFileSync(idFile, 'utf8').trim() : '' }
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

/** Pushes an image as `prefect_docker.deployments.steps.push_docker_image` does. With credentials the command logs in, and stays so. */
export async function pushImage(inputs: Inputs, warn: (message: string) => void): Promise<Outputs> {
  warnOfOthers(inputs, PUSH_INPUTS, warn)
  const command = containerCommand()
  const image = imageOf(inputs, 'latest')
  const { username, password, registry_url: registry } = (inputs['credentials'] ?? {}) as { username?: string; password?: string; registry_url?: string }
  if (username !== undefined && password !== undefined) {
    await runProgram(command, ['login', '--username', username, '--password-stdin', ...(registry == null ? [] : [registry])], `${command} login`, { input: password })
  }
  for (const one of image.all) await runProgram(command, ['push', one], `${command} push ${one}`)
  return image.outputs
}

/** `registry:5000/name:tag` in its parts. */
export function splitImage(image: string): { name: string; tag: string | undefined } {
  const [, name = image, tag] = /^(.+?)(?::([^/:]+))?$/.exec(image) ?? []
  return { name, tag }
}

function imageOf(inputs: Inputs, tagElse = timeTag()): { all: readonly string[]; outputs: Outputs } {
  const given = textOf(inputs['image_name'])
  if (given === undefined) throw new CommandError('A step about an image has no image_name.', { remedy: 'Write it as image_name: registry.example.org/team/flows' })
  const { name, tag: inName } = splitImage(given)
  const tag = textOf(inputs['tag']) ?? inName ?? tagElse
  const additional = valuesOf(inputs['additional_tags']).map(String)
  return { all: [tag, ...additional].map((one) => `${name}:${one}`), outputs: { image_name: name, tag, image: `${name}:${tag}`, additional_tags: additional } }
}

function timeTag(): string {
  return new Date().toISOString().replaceAll(/[:.]/g, '-').toLowerCase()
}

function writeDockerfile(folder: string, context: string): string {
  const file = path.join(folder, 'Dockerfile')
  writeFileSync(file, autoDockerfile(context))
  if (!existsSync(path.join(context, '.dockerignore'))) writeFileSync(`${file}.dockerignore`, IGNORED.join('\n'))
  return file
}

function existing(file: string): string {
  if (existsSync(file)) return file
  throw new CommandError(`There is no ${file}.`, { remedy: "Write one, name another with 'dockerfile', or let one be made for a project in TypeScript: dockerfile: auto" })
}

function warnOfOthers(inputs: Inputs, known: readonly string[], warn: (message: string) => void): void {
  const others = Object.keys(inputs).filter((name) => !known.includes(name))
  if (others.length > 0) warn(`The step about the image ${String(inputs['image_name'])} says ${others.join(', ')}, which is left out: it is understood by Python only.`)
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value)
}

function valuesOf(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : [value].flat()
}

function pairsOf(value: unknown): string[] {
  return Object.entries((value ?? {}) as object).map(([name, one]) => `${name}=${String(one)}`)
}

function isOn(value: unknown): boolean {
  return value === true || value === 'true'
}
