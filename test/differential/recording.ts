import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Exchange } from './run.ts'

const recordedDir = path.join(path.dirname(fileURLToPath(import.meta.url)), 'recorded')

/** The recorded exchanges of one list with one version of the real server, or undefined when there are none. */
export function readRecording(version: string, listName: string): Exchange[] | undefined {
  const file = path.join(recordedDir, version, `${listName}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Exchange[]) : undefined
}

/** Writes a recording, one exchange a line where it is short, so that changes read well. */
export function writeRecording(version: string, listName: string, exchanges: Exchange[]): string {
  const file = path.join(recordedDir, version, `${listName}.json`)
  mkdirSync(path.dirname(file), { recursive: true })
  const lines = exchanges.map((exchange) => JSON.stringify(exchange))
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`)
  return file
}
