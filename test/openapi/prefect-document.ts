import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Document } from './compare.ts'

const CACHE = path.join(import.meta.dirname, '..', '..', '.cache')

/** The Python of the private environment with this Prefect; undefined when it has not been set up. */
export function prefectPython(version = '3.8.8'): string | undefined {
  const python = path.join(CACHE, `prefect-${version}`, 'bin', 'python')
  return existsSync(python) ? python : undefined
}

/** Runs Python code with Prefect at hand and a home of its own; returns what it printed. */
export function runPrefectPython(python: string, code: string, input = ''): string {
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-prefect-'))
  try {
    return execFileSync(python, ['-W', 'ignore', '-c', code], {
      input,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, PREFECT_HOME: home, PREFECT_LOGGING_LEVEL: 'CRITICAL' },
    })
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const PRINT_DOCUMENT = `
import json
from prefect.server.api.server import create_app
api = next(route.app for route in create_app().routes if getattr(route, "path", None) == "/api")
print(json.dumps(api.openapi()))
`

/** The document that a real Prefect server writes about itself, made once and kept. */
export function prefectDocument(python: string, version = '3.8.8'): Document {
  const file = path.join(CACHE, `prefect-${version}-openapi.json`)
  if (!existsSync(file)) {
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, runPrefectPython(python, PRINT_DOCUMENT))
    renameSync(draft, file)
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Document
}

/** Why a test that needs the real Prefect is skipped; with CI=true it must not be. */
export const NO_PREFECT =
  prefectPython() === undefined && process.env['CI'] !== 'true'
    ? 'the real Prefect is not installed: scripts/set-up puts it into .cache'
    : false
