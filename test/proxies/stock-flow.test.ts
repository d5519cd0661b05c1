import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { lastLines } from '../compat/last-lines.ts'
import { runScript } from '../compat/scripts.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { startHaproxy, startNginx, testBehind, type ProxyProcess } from './lib/proxy-process.ts'

interface FlowCase {
  proxy: 'nginx' | 'haproxy'
  what: string
  script: string
  version: string
  path?: string
  /** Settings of the client; the proxy's certificate is its own authority. */
  client(proxy: ProxyProcess): Record<string, string>
}

const checksCertificate = (proxy: ProxyProcess): Record<string, string> => ({ PREFECT_API_SSL_CERT_FILE: proxy.certificateFile, SSL_CERT_FILE: proxy.certificateFile })
const overHttp2 = (): Record<string, string> => ({ PREFECT_API_TLS_INSECURE_SKIP_VERIFY: 'true', PREFECT_API_ENABLE_HTTP2: 'true' })

const cases: readonly FlowCase[] = [
  { proxy: 'nginx', what: 'with its certificate', script: 'task_runs', version: '3.8.8', client: checksCertificate },
  { proxy: 'haproxy', what: 'over HTTP/2 and without checking its certificate', script: 'task_runs', version: '3.9.1', client: overHttp2 },
  { proxy: 'nginx', what: 'below a base path', script: 'plain_flow', version: '3.8.8', path: '/team/api', client: checksCertificate },
]

describe('stock flows behind proxies', { concurrency: 2 }, () => {
  for (const { proxy: name, what, script, version, path = '/api', client } of cases) {
    testBehind(name, `the stock client ${version} runs ${script} over TLS through ${name}, ${what}`, async (t) => {
      const server = await RestartableServer.start(t, { SPILLWAY_TRUSTED_PROXIES: 'loopback', PREFECT_SERVER_API_BASE_PATH: path })
      const proxy = await (name === 'nginx' ? startNginx : startHaproxy)(t, { upstreamPort: Number(new URL(server.url).port) })
      const run = await runScript({ name: script, apiUrl: `https://localhost:${proxy.port}${path}`, prefectVersion: version, env: client(proxy) })
      assert.ok(run.ok, lastLines(run.output, 60))
    })
  }
})
