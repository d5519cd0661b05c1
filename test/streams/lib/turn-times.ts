import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Percentiles } from '../../../bench/lib/samples.ts'
import { eventually } from '../../faults/eventually.ts'

const observer = new URL('../../faults/parts/turn-times.ts', import.meta.url).href

/** The environment of a server whose turns are to be measured, with a folder to tell them in; `nodeOptions` are further options of Node. */
export function observedTurns(home: string, nodeOptions = ''): Record<string, string> {
  return { NODE_OPTIONS: `${nodeOptions} --import ${observer}`.trim(), TURN_TIMES_FILE: turnTimesFile(home) }
}

/** What the turns of the server's event loop cost since the last call, in milliseconds of processor time. */
export async function turnTimes(server: { child: ChildProcess }, home: string): Promise<Percentiles> {
  const file = turnTimesFile(home)
  rmSync(file, { force: true })
  server.child.kill('SIGUSR2')
  await eventually(() => existsSync(file), 'the server to tell its turns')
  return JSON.parse(readFileSync(file, 'utf8')) as Percentiles
}

function turnTimesFile(home: string): string {
  return path.join(home, 'turn-times.json')
}
