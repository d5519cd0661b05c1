/** Images are built by the user's own `docker` or `podman`. Here a script stands for them, which notes what it is asked for. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, test } from 'node:test'
import type { DeploymentResponse } from '@spillway/core/wire/deployments'
import { liveFixture, repository } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
await client.createWorkPool({ name: 'boxes', type: 'docker' })
await client.createWorkPool({ name: 'local', type: 'process' })

const project = path.join(spillway.home, 'my flows')
const record = path.join(spillway.home, 'record')
const bin = path.join(spillway.home, 'bin')
mkdirSync(project)
mkdirSync(bin)
writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }')
writeFileSync(path.join(project, 'package-lock.json'), '{}')
writeFileSync(path.join(project, 'nightly.ts'), `import { flow } from ${JSON.stringify(path.join(repository, 'packages/sdk/src/index.ts'))}\nexport const nightly = flow({ name: 'nightly' }, async () => 1)\n`)
symlinkSync('/bin/sh', path.join(bin, 'sh'))
for (const tool of ['cp', 'cat', 'basename', 'echo']) symlinkSync(`/bin/${existsSync(`/bin/${tool}`) ? '' : '../usr/bin/'}${tool}`, path.join(bin, tool))
beforeEach(() => {
  rmSync(record, { recursive: true, force: true })
  mkdirSync(record)
  for (const name of ['docker', 'podman']) rmSync(path.join(bin, name), { force: true })
})

/** Puts a program of that name on PATH. */
function install(name: 'docker' | 'podman'): void {
  const file = path.join(bin, name)
  writeFileSync(
    file,
    `#!/bin/sh
echo "$(basename "$0") $*" >> "$RECORD/calls"
if [ "$1" = "$FAILING" ]; then echo 'no daemon answers' >&2; exit 17; fi
if [ "$1" = login ]; then cat > "$RECORD/password"; fi
while [ $# -gt 0 ]; do
  case "$1" in
    --file) cp "$2"* "$RECORD/" ;;
    --iidfile) echo sha256:abc > "$2" ;;
  esac
  shift
done
`,
  )
  chmodSync(file, 0o755)
}

const calls = (): string[] => readFileSync(path.join(record, 'calls'), 'utf8').trim().split('\n').map((line) => line.replaceAll(/\/\S*spillway-image-[^/]+\//g, 'TMP/'))
const deploy = (words: readonly string[], env: Record<string, string> = {}): ReturnType<typeof spillway.run> => spillway.run(['deploy', ...words], { cwd: project, env: { PATH: bin, RECORD: record, FAILING: '', ...env } })

test('--image with --build and --push makes an image of a project without a Dockerfile, and jobs run in it', async () => {
  install('docker')
  const { code, stdout, stderr } = await deploy(['nightly.ts:nightly', '-n', 'built', '-p', 'boxes', '--image', 'registry.test:5000/team/flows:1.0', '--build', '--push', '--json'])
  assert.equal(code, 0, stderr)
  const [made] = JSON.parse(stdout) as DeploymentResponse[]
  assert.deepEqual(calls(), [`docker build --tag registry.test:5000/team/flows:1.0 --file TMP/Dockerfile --iidfile TMP/image-id ${project}`, 'docker push registry.test:5000/team/flows:1.0'])
  const dockerfile = readFileSync(path.join(record, 'Dockerfile'), 'utf8')
  assert.match(dockerfile, /^FROM node:24-slim\nWORKDIR \/opt\/flows\/my-flows\n[^]*COPY package\.json package-lock\.json \.\/\nRUN npm ci --omit=dev\nCOPY \. \.\nUSER node\n$/)
  assert.match(readFileSync(path.join(record, 'Dockerfile.dockerignore'), 'utf8'), /^node_modules\n\.git\n\.env\n/)
  // The code is where the image starts, and not in a folder of this machine.
  assert.deepEqual([made?.path, made?.job_variables], [null, { command: 'npx --no-install spillway-flow-run', image: 'registry.test:5000/team/flows:1.0' }])
})

test('the steps of a prefect.yaml that stock projects have are taken: a shell script, an image with all it says, a push with a login', async () => {
  install('docker')
  const { id: type } = await client.call<{ id: string }>('GET', '/block_types/slug/secret')
  const [schema] = await client.call<{ id: string }[]>('POST', '/block_schemas/filter', { block_schemas: { block_type_id: { any_: [type] } } })
  await client.call('POST', '/block_documents/', { name: 'registry', data: { value: { username: 'ada', password: 'lovelace', registry_url: 'registry.test' } }, block_type_id: type, block_schema_id: schema!.id })
  writeFileSync(path.join(project, 'Dockerfile.flows'), 'FROM scratch\n')
  writeFileSync(
    path.join(project, 'prefect.yaml'),
    `build:
  - prefect.deployments.steps.run_shell_script: { id: commit, script: "echo abc12", stream_output: false }
  - prefect_docker.deployments.steps.build_docker_image:
      id: build_image
      requires: prefect-docker>=0.3.1
      image_name: registry.test/flows
      tag: "{{ commit.stdout }}"
      additional_tags: [latest]
      dockerfile: Dockerfile.flows
      platform: linux/amd64
      buildargs: { NODE_ENV: production }
      squash: true
push:
  - prefect_docker.deployments.steps.push_docker_image:
      image_name: "{{ build_image.image_name }}"
      tag: "{{ build_image.tag }}"
      credentials: "{{ prefect.blocks.secret.registry }}"
deployments:
  - { name: first, entrypoint: "nightly.ts:nightly", version: "{{ commit.stdout }}", work_pool: { name: boxes, job_variables: { image: "{{ build_image.image }}" } } }
  - { name: second, entrypoint: "nightly.ts:nightly", work_pool: { name: boxes, job_variables: { image: "{{ build_image.image }}" } } }
`,
  )
  const { code, stderr } = await deploy(['--all'])
  assert.equal(code, 0, stderr)
  assert.match(stderr, /squash, which is left out/)
  assert.deepEqual(calls(), [
    `docker build --tag registry.test/flows:abc12 --tag registry.test/flows:latest --file ${project}/Dockerfile.flows --iidfile TMP/image-id --platform linux/amd64 --build-arg NODE_ENV=production ${project}`,
    'docker login --username ada --password-stdin registry.test',
    'docker push registry.test/flows:abc12',
  ])
  assert.equal(readFileSync(path.join(record, 'password'), 'utf8'), 'lovelace')
  const [first, second] = await Promise.all(['first', 'second'].map((name) => client.findDeployment('nightly', name)))
  assert.deepEqual([first?.job_variables['image'], first?.version, second?.job_variables['image']], ['registry.test/flows:abc12', 'abc12', 'registry.test/flows:abc12'])
})

test('podman does it where docker is not installed', async () => {
  install('podman')
  const { code, stderr } = await deploy(['nightly.ts:nightly', '-n', 'podman', '-p', 'boxes', '--image', 'flows:2', '--build', '--dockerfile', 'auto'])
  assert.equal(code, 0, stderr)
  assert.deepEqual(calls(), [`podman build --tag flows:2 --file TMP/Dockerfile --iidfile TMP/image-id --ignorefile TMP/Dockerfile.dockerignore ${project}`])
})

test('an image that is there already is deployed without docker', async () => {
  const { code, stderr } = await deploy(['nightly.ts:nightly', '-n', 'ready', '-p', 'boxes', '--image', 'flows:3'])
  assert.equal(code, 0, stderr)
  assert.equal((await client.findDeployment('nightly', 'ready'))?.job_variables['image'], 'flows:3')
})

test('what keeps an image from being built is told with what to do, and nothing is deployed', async () => {
  const build = ['nightly.ts:nightly', '-n', 'not', '-p', 'boxes', '--image', 'flows:4', '--build'] as const
  const missing = await deploy(build)
  assert.match(missing.stderr, /neither is on PATH[^]*without --build/)
  install('docker')
  for (const [words, env, hint] of [
    [build, { FAILING: 'build' }, /no daemon answers[^]*'docker build' failed \(exit code 17\)[^]*docker info/],
    [[...build, '--dockerfile', 'nowhere/Dockerfile'], {}, /There is no .*nowhere\/Dockerfile[^]*dockerfile: auto/],
    [['nightly.ts:nightly', '-n', 'not', '-p', 'boxes', '--build'], {}, /--build needs the name of the image[^]*--image/],
    [['nightly.ts:nightly', '-n', 'not', '-p', 'local', '--image', 'flows:4'], {}, /runs processes, which have none[^]*--type docker/],
  ] as const) {
    const { code, stderr } = await deploy(words, env)
    assert.notEqual(code, 0)
    assert.match(stderr, hint)
  }
  assert.equal(await client.findDeployment('nightly', 'not'), undefined)
})
