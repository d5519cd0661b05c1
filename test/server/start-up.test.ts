import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { runRefusedServer, startServerProcess, temporaryFolder } from './server-process.ts'

/** A start that is refused by its settings, before anything is opened: what Node and the program's own loading take on this machine. */
const { tookMs: loadedMs } = await runRefusedServer({ PREFECT_SERVER_API_PORT: 'eighty' })

/** At once for whoever waits for it, and never the time-out of a lock: two seconds beside the loading, which varies on a busy machine. */
const refusedWithinMs = 2_000 + 5 * loadedMs

/** The files of a folder with their contents' hashes. */
function fingerprint(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const hash = createHash('sha256').update(readFileSync(path.join(folder, name))).digest('hex')
      return [name, hash]
    }),
  )
}

async function assertRefused(env: Record<string, string>, wanted: { says: RegExp; remedy: RegExp; args?: string[] }): Promise<void> {
  const refused = await runRefusedServer(env, wanted.args)
  assert.equal(refused.code, 1, refused.stderr)
  const [message, remedy, ...rest] = refused.stderr.trim().split('\n')
  assert.match(message ?? '', /^Spillway did not start: /)
  assert.match(message ?? '', wanted.says)
  assert.match(remedy ?? '', wanted.remedy)
  assert.deepEqual(rest, [], 'no stack traces')
  assert.equal(refused.stdout, '')
  assert.ok(refused.tookMs < refusedWithinMs, `took ${refused.tookMs} ms`)
}

/** A data folder that a server has used and left. */
async function usedHome(t: Parameters<typeof startServerProcess>[0]): Promise<string> {
  const home = temporaryFolder(t)
  const server = await startServerProcess(t, { SPILLWAY_HOME: home })
  server.child.kill('SIGINT')
  await server.ended
  return home
}

test('it prints the address, where the data lies and what to type next', async (t) => {
  const home = temporaryFolder(t)
  const server = await startServerProcess(t, { SPILLWAY_HOME: home })
  const lines = server.stdout().trim().split('\n')
  assert.match(lines[0] ?? '', /^Spillway is running at http:\/\/127\.0\.0\.1:\d+$/)
  assert.equal(lines[1], `Data:  ${path.join(home, 'spillway.db')}`)
  assert.equal(lines[2], `Next:  export PREFECT_API_URL=${server.url}/api`)
  assert.equal(lines[3], 'Ctrl-C stops it.')
  const health = await fetch(`${server.url}/api/health`)
  assert.equal(await health.text(), 'true')
  assert.equal(server.stderr(), '')
})

test('host and port come from the settings and, before them, from the options', async (t) => {
  const home = temporaryFolder(t)
  const env = { SPILLWAY_HOME: home, PREFECT_SERVER_API_HOST: 'not-a-host.invalid', PREFECT_SERVER_API_PORT: '1' }
  const server = await startServerProcess(t, env, ['--host', '127.0.0.2', '--port', '0'])
  assert.match(server.url, /^http:\/\/127\.0\.0\.2:\d+$/)
})

test('the data folder and what is secret in it are for this user only', async (t) => {
  const home = path.join(temporaryFolder(t), 'new', 'deeper')
  await startServerProcess(t, { SPILLWAY_HOME: home })
  assert.equal(statSync(home).mode & 0o777, 0o700)
  assert.equal(statSync(path.join(home, 'encryption.key')).mode & 0o777, 0o600)
})

test('a taken port is told with the remedy, and no data folder is left half-made', async (t) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  t.after(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const env = { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_API_PORT: String(port) }
  await assertRefused(env, { says: new RegExp(`[Pp]ort ${port} .*taken`), remedy: /PREFECT_SERVER_API_PORT or --port/ })
})

test('an address that is not of this machine is told with the remedy', async (t) => {
  const env = { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_API_HOST: '192.0.2.1' }
  await assertRefused(env, { says: /Cannot listen on 192\.0\.2\.1/, remedy: /PREFECT_SERVER_API_HOST/ })
})

test('a folder that cannot be written is told with the remedy', async (t) => {
  // Below a regular file nobody can make a folder, not even root.
  const file = path.join(temporaryFolder(t), 'a-file')
  writeFileSync(file, 'x')
  await assertRefused({ SPILLWAY_HOME: path.join(file, 'home') }, { says: /cannot be written/, remedy: /SPILLWAY_HOME/ })
  assert.equal(readFileSync(file, 'utf8'), 'x')
})

test('a database path that cannot be opened is told with the remedy', async (t) => {
  const home = temporaryFolder(t)
  const env = { SPILLWAY_HOME: home, PREFECT_SERVER_DATABASE_CONNECTION_URL: `sqlite:///${home}/missing/folder/x.db` }
  await assertRefused(env, { says: /missing\/folder\/x\.db\S* cannot be opened/, remedy: /./ })
  assert.equal(existsSync(path.join(home, 'missing')), false)
})

test('a second server on the same folder is refused, and the first one goes on', async (t) => {
  const home = temporaryFolder(t)
  const first = await startServerProcess(t, { SPILLWAY_HOME: home })
  await assertRefused({ SPILLWAY_HOME: home }, { says: /Another Spillway server uses/, remedy: /SPILLWAY_HOME/ })
  assert.equal((await fetch(`${first.url}/api/health`)).status, 200)
})

test('a second server on the same database file from another folder is refused', async (t) => {
  const home = temporaryFolder(t)
  const first = await startServerProcess(t, { SPILLWAY_HOME: home })
  const env = {
    SPILLWAY_HOME: temporaryFolder(t),
    PREFECT_SERVER_DATABASE_CONNECTION_URL: `sqlite:///${path.join(home, 'spillway.db')}`,
  }
  await assertRefused(env, { says: /spillway\.db/, remedy: /./ })
  assert.equal((await fetch(`${first.url}/api/health`)).status, 200)
})

test('the folder is free again after kill -9', async (t) => {
  const home = temporaryFolder(t)
  const first = await startServerProcess(t, { SPILLWAY_HOME: home })
  first.child.kill('SIGKILL')
  await first.ended
  const second = await startServerProcess(t, { SPILLWAY_HOME: home })
  assert.equal((await fetch(`${second.url}/api/health`)).status, 200)
})

test('a schema newer than the program is refused and not touched', async (t) => {
  const home = await usedHome(t)
  const db = new DatabaseSync(path.join(home, 'spillway.db'))
  db.exec(`insert into schema_migration (version, name, checksum, applied) values (9001, 'later', 'x', 0)`)
  db.exec('pragma wal_checkpoint(truncate)')
  db.close()
  const before = fingerprint(home)
  await assertRefused({ SPILLWAY_HOME: home }, { says: /schema version 9001, newer than/, remedy: /newer Spillway/ })
  assert.deepEqual(fingerprint(home), before)
})

test('a database that another text of a migration made is refused and not touched', async (t) => {
  const home = await usedHome(t)
  const db = new DatabaseSync(path.join(home, 'spillway.db'))
  db.exec(`update schema_migration set checksum = 'other' where version = 1`)
  db.exec('pragma wal_checkpoint(truncate)')
  db.close()
  const before = fingerprint(home)
  await assertRefused({ SPILLWAY_HOME: home }, { says: /another text of step 1/, remedy: /./ })
  assert.deepEqual(fingerprint(home), before)
})

const foreignFiles = [
  {
    whose: "Prefect's database",
    make: 'create table alembic_version (version_num text); create table flow (id text); insert into flow values (1)',
    says: /is a Prefect database/,
    remedy: /PREFECT_SERVER_DATABASE_CONNECTION_URL/,
  },
  {
    whose: "another program's SQLite database",
    make: 'create table bookmark (id integer primary key, address text)',
    says: /database of another program/,
    remedy: /SPILLWAY_HOME|PREFECT_SERVER_DATABASE_CONNECTION_URL/,
  },
  { whose: 'a file that is no database', make: undefined, says: /cannot be opened|is not a/, remedy: /./ },
]

for (const variable of ['PREFECT_SERVER_DATABASE_CONNECTION_URL', 'PREFECT_API_DATABASE_CONNECTION_URL']) {
  for (const { whose, make, says, remedy } of foreignFiles) {
    test(`${variable} that names ${whose} is refused and the file is not touched`, async (t) => {
      const folder = temporaryFolder(t)
      const file = path.join(folder, 'prefect.db')
      if (make === undefined) writeFileSync(file, 'these are notes, and no database at all\n'.repeat(200))
      else {
        const db = new DatabaseSync(file)
        db.exec(make)
        db.close()
      }
      const before = fingerprint(folder)
      const env = { SPILLWAY_HOME: temporaryFolder(t), [variable]: `sqlite+aiosqlite:///${file}` }
      await assertRefused(env, { says, remedy })
      assert.deepEqual(fingerprint(folder), before)
    })
  }
}

test('a Prefect database in use, with its write-ahead log beside it, is not touched either', async (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'prefect.db')
  const db = new DatabaseSync(file)
  t.after(() => db.close())
  db.exec('pragma journal_mode = wal; create table alembic_version (version_num text); create table flow (id text)')
  const before = readFileSync(file)
  const env = { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_DATABASE_CONNECTION_URL: `sqlite+aiosqlite:///${file}` }
  await assertRefused(env, { says: /is a Prefect database/, remedy: /./ })
  assert.deepEqual(readFileSync(file), before)
})

test('a PostgreSQL address is refused in words', async (t) => {
  const env = {
    SPILLWAY_HOME: temporaryFolder(t),
    PREFECT_SERVER_DATABASE_CONNECTION_URL: 'postgresql+asyncpg://someone:a-password@db.invalid/prefect',
  }
  const refused = await runRefusedServer(env)
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /PREFECT_SERVER_DATABASE_CONNECTION_URL names a database that this version cannot use/)
  assert.doesNotMatch(refused.stderr, /a-password/)
})

const badValues: [variable: string, value: string][] = [
  ['PREFECT_SERVER_API_PORT', 'eighty'],
  ['PREFECT_SERVER_API_PORT', '70000'],
  ['PREFECT_SERVER_API_PORT', '42.5'],
  ['PREFECT_SERVER_CSRF_PROTECTION_ENABLED', 'perhaps'],
  ['PREFECT_SERVER_API_KEEPALIVE_TIMEOUT', '-1'],
  ['PREFECT_SERVER_API_DEFAULT_LIMIT', '0'],
  ['PREFECT_SERVER_EVENTS_RETENTION_PERIOD', 'a week'],
  ['PREFECT_API_SERVICES_LATE_RUNS_AFTER_SECONDS', 'soon'],
  ['PREFECT_SERVER_LOGGING_LEVEL', 'LOUD'],
  ['PREFECT_API_SERVICES_SCHEDULER_LOOP_SECONDS', '0'],
  ['PREFECT_SERVER_SERVICES_DB_VACUUM_BATCH_SIZE', '0'],
  ['PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED', 'everything'],
  ['SPILLWAY_STRICT_FIELDS', '2'],
  ['SPILLWAY_HEALTH_LISTEN', 'not a port'],
]
for (const [variable, value] of badValues) {
  test(`${variable}=${value} is refused by its name, with what it takes`, async (t) => {
    const home = path.join(temporaryFolder(t), 'home')
    await assertRefused({ SPILLWAY_HOME: home, [variable]: value }, { says: new RegExp(`${variable}=${value}`), remedy: new RegExp(variable) })
  })
}

test('data survives a restart', async (t) => {
  const home = temporaryFolder(t)
  const first = await startServerProcess(t, { SPILLWAY_HOME: home })
  const made = await postJson(`${first.url}/api/flows/`, { name: 'kept' })
  assert.equal(made.status, 201)
  const flow = (await made.json()) as { id: string }
  first.child.kill('SIGINT')
  assert.deepEqual(await first.ended, { code: 0, signal: null })
  const second = await startServerProcess(t, { SPILLWAY_HOME: home })
  const read = await fetch(`${second.url}/api/flows/${flow.id}`)
  assert.equal(read.status, 200)
  assert.equal(((await read.json()) as { name: string }).name, 'kept')
})

test('what was answered survives kill -9', async (t) => {
  const home = temporaryFolder(t)
  const first = await startServerProcess(t, { SPILLWAY_HOME: home })
  const flow = (await (await postJson(`${first.url}/api/flows/`, { name: 'kept' })).json()) as { id: string }
  first.child.kill('SIGKILL')
  await first.ended
  const second = await startServerProcess(t, { SPILLWAY_HOME: home })
  assert.equal((await fetch(`${second.url}/api/flows/${flow.id}`)).status, 200)
})

test('a database without its encryption key is not started with a new one', async (t) => {
  const home = await usedHome(t)
  const key = readFileSync(path.join(home, 'encryption.key'))
  rmSync(path.join(home, 'encryption.key'))
  await assertRefused({ SPILLWAY_HOME: home }, { says: /encryption\.key is missing/, remedy: /backup/ })
  assert.equal(existsSync(path.join(home, 'encryption.key')), false)
  writeFileSync(path.join(home, 'encryption.key'), key, { mode: 0o600 })
  const again = await startServerProcess(t, { SPILLWAY_HOME: home })
  assert.equal((await fetch(`${again.url}/api/health`)).status, 200)
})

test('a damaged encryption key is told and kept', async (t) => {
  const home = await usedHome(t)
  writeFileSync(path.join(home, 'encryption.key'), 'half a ke')
  await assertRefused({ SPILLWAY_HOME: home }, { says: /does not hold a key/, remedy: /backup/ })
  assert.equal(readFileSync(path.join(home, 'encryption.key'), 'utf8'), 'half a ke')
})

test('an encryption key that cannot be read is told', async (t) => {
  const home = await usedHome(t)
  rmSync(path.join(home, 'encryption.key'))
  mkdirSync(path.join(home, 'encryption.key'))
  chmodSync(path.join(home, 'encryption.key'), 0o700)
  await assertRefused({ SPILLWAY_HOME: home }, { says: /encryption\.key/, remedy: /./ })
})

function postJson(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

test('a backup taken while the server runs can be started', async (t) => {
  const home = temporaryFolder(t)
  const first = await startServerProcess(t, { SPILLWAY_HOME: home })
  const flow = (await (await postJson(`${first.url}/api/flows/`, { name: 'kept' })).json()) as { id: string }
  const backup = temporaryFolder(t)
  const db = new DatabaseSync(path.join(home, 'spillway.db'), { readOnly: true })
  db.exec(`vacuum into '${path.join(backup, 'spillway.db')}'`)
  db.close()
  copyFileSync(path.join(home, 'encryption.key'), path.join(backup, 'encryption.key'))
  const second = await startServerProcess(t, { SPILLWAY_HOME: backup })
  assert.equal((await fetch(`${second.url}/api/flows/${flow.id}`)).status, 200)
})
