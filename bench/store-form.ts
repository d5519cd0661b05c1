/**
 * Where should the SQLite store live, and how should commands reach it?
 *
 * Each form serves the same lifecycles (create, Running, Completed; WAL, `synchronous = FULL`) over HTTP to 16 and 64 callers
 * in another process, while a third process asks for health at 20 Hz: quiet, with a foreign process holding the write lock for
 * 3 s, and with a 3 s read. Prints one JSON line per case.
 *
 *     npm run bench -- store-form [--seconds 5] [--forms a,b,c,d,e,f] [--callers 16,64] [--cases quiet,lock,read] [--repeats 1]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { HttpConnection } from './lib/http-connection.ts'
import { machineFacts } from './lib/machine.ts'
import { ask, endPart, nextMessage, startPart } from './lib/process.ts'
import type { LoadJob, LoadResult } from './load.ts'
import type { ProbeJob, ProbeResult } from './probe.ts'
import { FORMS, type Form } from './store-form/forms.ts'

const HOST = '127.0.0.1'
const DISTURBANCE_MS = 3000

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    forms: { type: 'string', default: Object.keys(FORMS).join() },
    callers: { type: 'string', default: '16,64' },
    cases: { type: 'string', default: 'quiet,lock,read' },
    repeats: { type: 'string', default: '1' },
  },
})
const seconds = Number(options.seconds)

async function measure(form: Form, callers: number, disturbance: string) {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'))
  const file = join(folder, 'store.db')
  const server = startPart(new URL('./store-form/server.ts', import.meta.url), [form, file])
  const loader = startPart(new URL('./load.ts', import.meta.url))
  const prober = startPart(new URL('./probe.ts', import.meta.url))
  try {
    const { port } = await nextMessage<{ port: number }>(server)
    const loadJob: LoadJob = { host: HOST, port, base: '/api', scenario: 'lifecycle', seconds, callers }
    const loaded = ask<LoadResult>(loader, loadJob)
    const probeJob: ProbeJob = { host: HOST, port, path: '/api/health', seconds }
    const probed = delay(500).then(() => ask<ProbeResult>(prober, probeJob))
    const disturbed = disturb(disturbance, port, file)
    const [load, health] = await Promise.all([loaded, probed, disturbed])
    return {
      form, callers, case: disturbance, lifecyclesPerSecond: load.perSecond, p50Ms: load.latencies.p50, p99Ms: load.latencies.p99,
      maxMs: load.latencies.max, errors: load.errorCount, healthP99Ms: health.latencies.p99, healthMaxMs: health.latencies.max,
      healthFailures: health.failures,
    }
  } finally {
    await Promise.all([endPart(server), endPart(loader), endPart(prober)])
    rmSync(folder, { recursive: true })
  }
}

async function disturb(kind: string, port: number, file: string): Promise<void> {
  if (kind === 'quiet') return
  await delay(1500)
  if (kind === 'read') {
    const connection = new HttpConnection(HOST, port)
    await connection.request('GET', `/slow-read/${DISTURBANCE_MS}`)
    connection.close()
    return
  }
  const holder = startPart(new URL('./store-form/lock-holder.ts', import.meta.url), [file, String(DISTURBANCE_MS)])
  await new Promise((gone) => holder.once('exit', gone))
}

console.log(JSON.stringify({ bench: 'store-form', machine: machineFacts(), seconds, forms: FORMS }))
for (const disturbance of options.cases.split(',')) {
  for (const callers of options.callers.split(',').map(Number)) {
    for (let repeat = 0; repeat < Number(options.repeats); repeat++) {
      for (const form of options.forms.split(',') as Form[]) console.log(JSON.stringify(await measure(form, callers, disturbance)))
    }
  }
}
