import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureAutobahn } from '../../scripts/set-up/autobahn.mjs'
import { run } from '../../scripts/set-up/processes.mjs'
import { startEchoServer } from './echo-server.ts'
import { explained } from './explained.ts'
import { readReport, type CaseReport } from './report.ts'

/**
 * Framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, sizes, and automatic fragmentation. Sections 12 and 13 are
 * about compression, which the server declines.
 */
const cases = ['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', '9.*', '10.*']
/** Messages of 4 MiB and more are over `websocketMessageBytes`; test/streams shows that they close with 1009. */
const tooLarge = ['9.1.4', '9.1.5', '9.1.6', '9.2.4', '9.2.5', '9.2.6', '9.3.*', '9.4.*']
const casesOfTheSuite = 277

const acceptable = new Set(['OK', 'NON-STRICT', 'INFORMATIONAL'])

describe("Autobahn's judgement of the server's websockets", () => {
  let report: CaseReport[] = []

  before(async () => {
    const { command, args, env } = await ensureAutobahn()
    const folder = mkdtempSync(path.join(tmpdir(), 'spillway-autobahn-'))
    after(() => rmSync(folder, { recursive: true, force: true }))
    const url = await startEchoServer({ after })
    const spec = { outdir: path.join(folder, 'report'), servers: [{ agent: 'spillway', url }], cases, 'exclude-cases': tooLarge }
    writeFileSync(path.join(folder, 'spec.json'), JSON.stringify(spec))
    await run(command, [...args, '-m', 'fuzzingclient', '-s', path.join(folder, 'spec.json')], { label: 'autobahn', env, cwd: folder })
    report = readReport(spec.outdir)
  })

  test('all cases of the chosen sections were played', () => {
    assert.equal(report.length, casesOfTheSuite)
  })

  test('no case failed, neither in its messages nor in its end', () => {
    assert.deepEqual(report.filter(({ behavior, behaviorClose }) => !acceptable.has(behavior) || !acceptable.has(behaviorClose)), [])
  })

  test('each case that is not plainly OK is explained, and no explanation is left over', () => {
    const found = report.filter(({ behavior, behaviorClose }) => behavior !== 'OK' || behaviorClose !== 'OK')
    const known = Object.entries(explained)
    assert.deepEqual(found.map(({ id, behavior }) => `${id} ${behavior}`), known.map(([id, { verdict }]) => `${id} ${verdict}`))
  })
})
