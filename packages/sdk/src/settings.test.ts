import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { parseProfile } from './profiles.ts'
import { readSdkSettings } from './settings.ts'

const toml = `
active = "local"  # the one in use

[profiles.local]
PREFECT_API_URL = "http://127.0.0.1:4200/api"
PREFECT_API_AUTH_STRING = 'admin:p"ss'

[profiles."other one"]
PREFECT_API_URL = "http://other/api"
PREFECT_API_KEY = "a\\"b"
[something.else]
PREFECT_API_URL = "http://wrong/api"
`

test('the active profile of a profiles.toml is read', () => {
  assert.deepEqual(parseProfile(toml), { PREFECT_API_URL: 'http://127.0.0.1:4200/api', PREFECT_API_AUTH_STRING: 'admin:p"ss' })
  assert.deepEqual(parseProfile(toml, 'other one'), { PREFECT_API_URL: 'http://other/api', PREFECT_API_KEY: 'a"b' })
  assert.deepEqual(parseProfile(toml, 'none'), {})
})

test('the environment comes before the profile, and the profile before defaults', (t) => {
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-settings-'))
  t.after(() => rmSync(home, { recursive: true }))
  writeFileSync(path.join(home, 'profiles.toml'), toml)
  const settings = readSdkSettings({ PREFECT_HOME: home, PREFECT_API_URL: 'http://here:1/api/' })
  assert.equal(settings.apiUrl, 'http://here:1/api')
  assert.equal(settings.authString, 'admin:p"ss')
  assert.equal(settings.apiKey, undefined)
  assert.equal(settings.resultsFolder, path.join(home, 'storage'))
  assert.equal(readSdkSettings({ PREFECT_HOME: home, PREFECT_PROFILE: 'other one' }).apiUrl, 'http://other/api')
})

test('without a profile and a variable there is no API, and what makes no sense is refused by name', () => {
  assert.equal(readSdkSettings({ PREFECT_HOME: '/nowhere' }).apiUrl, undefined)
  assert.throws(() => readSdkSettings({ PREFECT_HOME: '/nowhere', PREFECT_API_URL: 'localhost:4200' }), /PREFECT_API_URL is 'localhost:4200'/)
  assert.throws(() => readSdkSettings({ PREFECT_HOME: '/nowhere', SPILLWAY_API_PATIENCE: 'long' }), /SPILLWAY_API_PATIENCE/)
})
