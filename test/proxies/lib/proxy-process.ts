import assert from 'node:assert/strict'
import { spawn, execFileSync, type ChildProcess } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type TestContext } from 'node:test'
import { findProxy, howToGet } from '../../../scripts/set-up/proxies.mjs'
import { freePort } from '../../compat/target.ts'
import { eventually } from '../../faults/eventually.ts'

type AfterHook = { after(work: () => unknown): void }

export interface ProxyProcess {
  readonly child: ChildProcess
  readonly port: number
  /** `https://127.0.0.1:<port>` or `http://…` without TLS. */
  readonly url: string
  /** The certificate of a proxy with TLS, which is its own authority. */
  readonly certificateFile: string
  /** What it has written so far. */
  output(): string
  /** Reads its configuration again, as its service would on `reload`. */
  reload(): Promise<void>
}

export interface ProxyOptions {
  upstreamPort: number
  /** With TLS, as in the shipped file; or plain on the same lines, for tests that look at bytes. */
  tls?: boolean
  /** Further changes of the shipped file: each text has to be there. */
  change?: readonly (readonly [from: string | RegExp, to: string])[]
}

const deployDir = fileURLToPath(new URL('../../../deploy', import.meta.url))
/** A test that runs as root runs proxies as nobody: they need no rights. */
const nobody = process.platform === 'linux' && process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** A test behind a real proxy. Without the program it is skipped; in continuous integration that is a failure. */
export function testBehind(name: 'nginx' | 'haproxy', what: string, work: (t: TestContext) => Promise<void>): void {
  const missing = findProxy(name) === undefined && process.env['CI'] !== 'true'
  void test(what, missing ? { skip: `${name} is missing. ${howToGet(name)}` } : {}, work)
}

/** Runs nginx on deploy/nginx/: the two shipped files with ports, names and paths put in. */
export async function startNginx(t: AfterHook, options: ProxyOptions): Promise<ProxyProcess> {
  const { folder, certificateFile, keyFile } = proxyFolder(t)
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`).join(' ')
  const main = substitute(read('nginx/nginx.conf'), [['http {', `pid nginx.pid;\nerror_log stderr warn;\ndaemon off;\nhttp {\n    ${temporary}`], ...among(options.change, 'nginx/nginx.conf')])
  const site = substitute(read('nginx/spillway.conf'), [
    ['listen 443 ssl;', `listen 127.0.0.1:${port}${options.tls === false ? '' : ' ssl'} backlog=4096;`],
    ['/etc/nginx/spillway.crt', certificateFile],
    ['/etc/nginx/spillway.key', keyFile],
    ['127.0.0.1:4200', `127.0.0.1:${options.upstreamPort}`],
    ...among(options.change, 'nginx/spillway.conf'),
  ])
  writeFileSync(path.join(folder, 'nginx.conf'), main)
  writeFileSync(path.join(folder, 'spillway.conf'), site)
  const program = findProxy('nginx')
  assert.ok(program, howToGet('nginx'))
  const args = ['-p', folder, '-c', path.join(folder, 'nginx.conf'), '-e', 'stderr']
  // Of the process that is the master, as `nginx -s reload` would send it.
  return run(t, program, args, { folder, port, certificateFile, tls: options.tls !== false, reload: (child) => child.kill('SIGHUP') })
}

/** Runs HAProxy on deploy/haproxy/haproxy.cfg with ports and paths put in. */
export async function startHaproxy(t: AfterHook, options: ProxyOptions): Promise<ProxyProcess> {
  const { folder, certificateFile, keyFile } = proxyFolder(t)
  const port = await freePort()
  const pem = path.join(folder, 'spillway.pem')
  writeFileSync(pem, readFileSync(certificateFile, 'utf8') + readFileSync(keyFile, 'utf8'))
  const tls = options.tls !== false
  const text = substitute(read('haproxy/haproxy.cfg'), [
    ['bind :443 ssl crt /etc/haproxy/spillway.pem alpn h2,http/1.1', `bind 127.0.0.1:${port}${tls ? ` ssl crt ${pem} alpn h2,http/1.1` : ''}`],
    ['127.0.0.1:4200', `127.0.0.1:${options.upstreamPort}`],
    // What an ordinary user's descriptors allow.
    ['maxconn 20000', 'maxconn 4000'],
    ...(options.change ?? []),
  ])
  writeFileSync(path.join(folder, 'haproxy.cfg'), text)
  const program = findProxy('haproxy')
  assert.ok(program, howToGet('haproxy'))
  // -W: a master with a worker, which reloads on SIGUSR2.
  return run(t, program, ['-W', '-f', path.join(folder, 'haproxy.cfg')], { folder, port, certificateFile, tls, reload: (child) => child.kill('SIGUSR2') })
}

/** The changes that belong to one of nginx's two files; each has to belong to one. */
function among(changes: ProxyOptions['change'] = [], file: string): NonNullable<ProxyOptions['change']> {
  const texts = ['nginx/nginx.conf', 'nginx/spillway.conf'].map(read)
  for (const [from] of changes) assert.ok(texts.some((text) => holds(text, from)), `the shipped files have no ${from}`)
  return changes.filter(([from]) => holds(read(file), from))
}

function holds(text: string, part: string | RegExp): boolean {
  return typeof part === 'string' ? text.includes(part) : new RegExp(part, 'm').test(text)
}

function read(file: string): string {
  return readFileSync(path.join(deployDir, file), 'utf8')
}

/** Puts texts into a shipped file; one that is not there means that the file and its test have parted. */
function substitute(text: string, changes: NonNullable<ProxyOptions['change']>): string {
  return changes.reduce((before, [from, to]) => {
    assert.ok(holds(before, from), `the shipped file has no ${from}`)
    return before.replaceAll(typeof from === 'string' ? from : new RegExp(from, 'gm'), to)
  }, text)
}

/** A folder that the proxy owns, with a certificate for 127.0.0.1 and localhost. */
function proxyFolder(t: AfterHook): { folder: string; certificateFile: string; keyFile: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-proxy-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const certificateFile = path.join(folder, 'spillway.crt')
  const keyFile = path.join(folder, 'spillway.key')
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:flows.example,IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', keyFile, '-out', certificateFile, ...names], { stdio: 'pipe' })
  for (const file of nobody.uid === undefined ? [] : [folder, certificateFile, keyFile]) chownSync(file, nobody.uid!, nobody.gid!)
  return { folder, certificateFile, keyFile }
}

interface Running {
  folder: string
  port: number
  certificateFile: string
  tls: boolean
  reload(child: ChildProcess): void
}

async function run(t: AfterHook, program: string, args: readonly string[], { folder, port, certificateFile, tls, reload }: Running): Promise<ProxyProcess> {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...nobody })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-200_000)))
  let isRunning = true
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve())).then(() => (isRunning = false))
  // Its workers are in its group.
  const killAll = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // They are gone already.
    }
  }
  process.once('exit', killAll)
  t.after(async () => {
    killAll()
    process.removeListener('exit', killAll)
    await ended
  })
  await eventually(async () => {
    assert.ok(isRunning, `${program} ended:\n${output}`)
    return await accepts(port)
  }, `${program} to listen`)
  return {
    child,
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    certificateFile,
    output: () => output,
    async reload() {
      reload(child)
      await eventually(() => accepts(port), `${program} to listen again`)
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
