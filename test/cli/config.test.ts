/** `spillway config …` and `spillway profile …`: where settings come from, and where they are written. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commandFixture, liveFixture } from './lib/command.ts'

type View = { profile: string; settings: { name: string; value: string | null; source: string }[] }

const live = await liveFixture()

function sourceOf(view: View, name: string): [value: string | null | undefined, source: string | undefined] {
  const found = view.settings.find((setting) => setting.name === name)
  return [found?.value, found?.source]
}

test('every setting is shown with its source, in the order in which sources count', async () => {
  const spillway = commandFixture()
  const folder = path.join(spillway.home, 'project')
  mkdirSync(folder)
  writeFileSync(path.join(folder, '.env'), 'PREFECT_LOGGING_LEVEL=DEBUG\nPREFECT_RUNNER_POLL_FREQUENCY=3\nPREFECT_API_REQUEST_TIMEOUT=1\nOTHER=1\n')
  writeFileSync(path.join(folder, 'prefect.toml'), '[runner]\npoll_frequency = 4\nprocess_limit = 7\n[api]\nrequest_timeout = 2\n')
  writeFileSync(path.join(folder, 'pyproject.toml'), '[project]\nname = "x"\n[tool.prefect.runner]\nprocess_limit = 8\n[tool.prefect.client]\nmax_retries = 9\n')
  mkdirSync(path.join(spillway.home, 'prefect'))
  writeFileSync(path.join(spillway.home, 'prefect/profiles.toml'), 'active = "dam"\n[profiles.dam]\nPREFECT_CLIENT_MAX_RETRIES = "10"\nPREFECT_API_KEY = "pnu_hidden"\nPREFECT_API_URL = "http://127.0.0.1:1/api"\nPREFECT_CLIENT_ENABLE_METRICS = "true"\n')
  const options = { cwd: folder, env: { PREFECT_API_REQUEST_TIMEOUT: '0.5', PREFECT_LOGGING_LEVEL: '' } }
  const view = await spillway.json<View>(['config', 'view', '--show-defaults'], options)
  assert.equal(view.profile, 'dam')
  const expected: [string, string | null, string][] = [
    ['PREFECT_API_REQUEST_TIMEOUT', '0.5', 'env'],
    ['PREFECT_LOGGING_LEVEL', 'DEBUG', '.env file'],
    ['PREFECT_RUNNER_POLL_FREQUENCY', '3', '.env file'],
    ['PREFECT_RUNNER_PROCESS_LIMIT', '7', 'prefect.toml'],
    ['PREFECT_CLIENT_MAX_RETRIES', '9', 'pyproject.toml'],
    ['PREFECT_API_URL', 'http://127.0.0.1:1/api', 'profile dam'],
    ['PREFECT_API_KEY', '********', 'profile dam'],
    ['PREFECT_CLIENT_METRICS_ENABLED', 'true', 'profile dam PREFECT_CLIENT_ENABLE_METRICS'],
    ['PREFECT_API_AUTH_STRING', null, 'defaults'],
    ['PREFECT_SERVER_API_PORT', '4200', 'defaults'],
    ['PREFECT_SERVER_API_KEEPALIVE_TIMEOUT', '75', 'defaults'],
    ['SPILLWAY_HOME', spillway.home, 'env'],
    ['SPILLWAY_STREAM_TICKET_SECONDS', '3600', 'defaults'],
  ]
  for (const [name, value, source] of expected) assert.deepEqual(sourceOf(view, name), [value, source], name)
  assert.ok(view.settings.length > 150)
  assert.deepEqual(view.settings.filter(({ source }) => !source), [])
  const text = await spillway.ok(['config', 'view', '--show-secrets'], options)
  assert.match(text, /^PREFECT_PROFILE='dam'$/m)
  assert.match(text, /^PREFECT_API_KEY='pnu_hidden' \(from profile dam\)$/m)
  assert.doesNotMatch(text, /from defaults/)
  assert.doesNotMatch(await spillway.ok(['config', 'view', '--hide-sources'], options), /\(from|pnu_hidden/)
})

test('the server that the profile names is the one that is called', async () => {
  const spillway = commandFixture()
  await spillway.ok(['config', 'set', `PREFECT_API_URL=${live.server.apiUrl}`])
  assert.deepEqual(await spillway.json(['flow', 'ls']), [])
  await spillway.ok(['profile', 'create', 'nowhere'])
  assert.equal((await spillway.run(['--profile', 'nowhere', 'flow', 'ls'])).code, 4)
  assert.equal((await spillway.run(['-p', 'nowhere', 'flow', 'ls'])).code, 4)
  const missing = await spillway.run(['flow', 'ls', '--profile', 'nowhrre'])
  assert.equal(missing.code, 3)
  assert.match(missing.stderr, /There is no profile 'nowhrre'.\nDid you mean 'nowhere'\?/)
})

test('a profile that is named comes before files and environment, and does not become the active one', async () => {
  const spillway = commandFixture({ PREFECT_API_URL: 'http://127.0.0.1:1/api' })
  const cwd = mkdtempSync(path.join(spillway.home, 'project-'))
  writeFileSync(path.join(cwd, '.env'), 'PREFECT_API_URL=http://127.0.0.1:2/api\n')
  await spillway.ok(['profile', 'create', 'live'])
  await spillway.ok(['--profile', 'live', 'config', 'set', `PREFECT_API_URL=${live.server.apiUrl}`], { cwd })
  assert.deepEqual(await spillway.json(['--profile', 'live', 'flow', 'ls'], { cwd }), [])
  assert.equal((await spillway.run(['flow', 'ls'], { cwd })).code, 4)
  assert.match(await spillway.ok(['profile', 'ls']), /^\* default$/m)
})

test('settings are written to an own file that begins as a copy of Prefect’s, which stays as it is', async () => {
  const spillway = commandFixture()
  const prefectFile = path.join(spillway.home, 'prefect/profiles.toml')
  const theirs = 'active = "dam"\n\n[profiles.dam]\nPREFECT_API_URL = "http://127.0.0.1:1/api"\n'
  mkdirSync(path.dirname(prefectFile))
  writeFileSync(prefectFile, theirs)
  const { stdout, stderr, code } = await spillway.run(['config', 'set', 'PREFECT_API_AUTH_STRING=user:secret', 'PREFECT_LOGGING_LEVEL=DEBUG'])
  assert.equal(code, 0)
  assert.doesNotMatch(stdout + stderr, /user:secret/)
  assert.match(stderr, /stay as they are/)
  assert.equal(readFileSync(prefectFile, 'utf8'), theirs)
  const own = path.join(spillway.home, 'profiles.toml')
  assert.equal(statSync(own).mode & 0o777, 0o600)
  const view = await spillway.json<View>(['config', 'view', '--show-secrets'])
  assert.deepEqual(sourceOf(view, 'PREFECT_API_AUTH_STRING'), ['user:secret', 'profile dam'])
  assert.deepEqual(sourceOf(view, 'PREFECT_API_URL'), ['http://127.0.0.1:1/api', 'profile dam'])
  assert.match((await spillway.run(['config', 'unset', 'PREFECT_LOGGING_LEVEL'])).stderr, /Add --yes/)
  await spillway.ok(['config', 'unset', 'PREFECT_LOGGING_LEVEL', '-y'])
  assert.deepEqual(sourceOf(await spillway.json<View>(['config', 'view']), 'PREFECT_LOGGING_LEVEL'), [undefined, undefined])
})

test('names and values that make no sense are refused before anything is written', async () => {
  const spillway = commandFixture()
  const cases: [words: string[], code: number, message: RegExp][] = [
    [['config', 'set', 'PREFECT_API_ULR=http://x/api'], 3, /There is no setting 'PREFECT_API_ULR'.\nDid you mean 'PREFECT_API_URL'/],
    [['config', 'set', 'PREFECT_API_URL=localhost'], 2, /must be an address such as/],
    [['config', 'set', 'PREFECT_CLIENT_MAX_RETRIES=many'], 2, /must be a whole number/],
    [['config', 'set', 'PREFECT_DEBUG_MODE=perhaps'], 2, /must be true or false/],
    [['config', 'set', 'PREFECT_API_URL'], 2, /Write NAME=value/],
    [['config', 'set', 'PREFECT_HOME=/x'], 2, /Set it in the environment/],
    [['config', 'unset', 'PREFECT_API_URL', '--yes'], 3, /is not set in the profile 'default'/],
  ]
  await Promise.all(cases.map(async ([words, code, message]) => {
    const ended = await spillway.run(words)
    assert.equal(ended.code, code, words.join(' '))
    assert.match(ended.stderr, message)
  }))
  assert.equal(existsSync(path.join(spillway.home, 'profiles.toml')), false)
})

test('validate finds what the server would not start with, and names that are older or wrong', async () => {
  const spillway = commandFixture()
  assert.match(await spillway.ok(['config', 'validate']), /valid/)
  const bad = await spillway.run(['config', 'validate'], { env: { PREFECT_SERVER_API_PORT: '99999' } })
  assert.equal(bad.code, 1)
  assert.match(bad.stderr, /PREFECT_SERVER_API_PORT=99999 is not a whole number from 0 to 65535/)
  writeFileSync(path.join(spillway.home, 'profiles.toml'), 'active = "x"\n[profiles.x]\nPREFECT_API_ULR = "http://x/api"\nPREFECT_API_DEFAULT_LIMIT = "10"\n')
  const wrong = await spillway.run(['config', 'validate'])
  assert.match(wrong.stderr, /PREFECT_API_DEFAULT_LIMIT \(from profile x\) is an older name of PREFECT_SERVER_API_DEFAULT_LIMIT/)
  assert.match(wrong.stderr, /PREFECT_API_ULR \(from profile x\) is no setting; did you mean 'PREFECT_API_URL'/)
  writeFileSync(path.join(spillway.home, 'profiles.toml'), 'active = \n')
  const broken = await spillway.run(['config', 'view'])
  assert.equal(broken.code, 1)
  assert.match(broken.stderr, /profiles\.toml cannot be read: /)
})

test('profiles are made, used, shown, renamed and deleted', async () => {
  const spillway = commandFixture()
  assert.deepEqual(sourceOf(await spillway.json<View>(['config', 'view', '--profile', 'local']), 'PREFECT_API_URL'), ['http://127.0.0.1:4200/api', 'profile local'])
  await spillway.ok(['profile', 'populate-defaults'])
  await spillway.ok(['profile', 'use', 'local'])
  assert.match(await spillway.ok(['profile', 'create', 'staging', '--from', 'local']), /spillway profile use staging/)
  assert.deepEqual(await spillway.json(['profile', 'inspect', 'staging']), { PREFECT_API_URL: 'http://127.0.0.1:4200/api' })
  assert.equal((await spillway.run(['profile', 'create', 'staging'])).code, 1)
  await spillway.ok(['profile', 'use', 'staging'])
  await spillway.ok(['profile', 'rename', 'staging', 'production'])
  assert.deepEqual(await spillway.json(['profile', 'ls']), [{ name: 'local', active: false }, { name: 'production', active: true }])
  assert.match(await spillway.ok(['profile', 'ls']), /^ {2}local\n\* production\n$/)
  assert.equal(await spillway.ok(['profile', 'inspect']), "PREFECT_API_URL='http://127.0.0.1:4200/api'\n")
  const active = await spillway.run(['profile', 'delete', 'production', '--yes'])
  assert.equal(active.code, 1)
  assert.match(active.stderr, /is active.\nUse another one first/)
  assert.equal((await spillway.run(['profile', 'delete', 'local'])).code, 2)
  await spillway.ok(['profile', 'delete', 'local', '--yes'])
  assert.deepEqual(await spillway.json(['profile', 'ls']), [{ name: 'production', active: true }])
  assert.equal((await spillway.run(['profile', 'use', 'prod'])).code, 3)
})
