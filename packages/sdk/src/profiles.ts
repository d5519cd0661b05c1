import { readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * The settings of the active profile in a `profiles.toml` as the `prefect` command writes it: `active = "name"` and
 * tables `[profiles.name]` of texts, numbers and booleans. Other TOML is passed over.
 *
 * @param active the profile to take; default the file's own `active`.
 */
export function parseProfile(text: string, active?: string): Record<string, string> {
  const profiles = new Map<string, Record<string, string>>()
  let table: string | undefined
  let chosen = active
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*(?:profiles\.)("?)([^\]"]+)\1\s*\]\s*(?:#.*)?$/.exec(line)
    const pair = /^\s*([\w-]+)\s*=\s*(.+?)\s*$/.exec(line)
    if (header) table = header[2]!.trim()
    else if (/^\s*\[/.test(line)) table = ''
    else if (pair && table === undefined && pair[1] === 'active') chosen ??= scalar(pair[2]!)
    else if (pair && table) profiles.set(table, { ...profiles.get(table), [pair[1]!]: scalar(pair[2]!) })
  }
  return (chosen !== undefined && profiles.get(chosen)) || {}
}

/** The active profile of the Prefect installation of this user; empty when there is none. */
export function readPrefectProfile(env: Readonly<Record<string, string | undefined>>, prefectHome: string): Record<string, string> {
  const file = env['PREFECT_PROFILES_PATH'] ?? path.join(prefectHome, 'profiles.toml')
  try {
    return parseProfile(readFileSync(file, 'utf8'), env['PREFECT_PROFILE'])
  } catch {
    return {}
  }
}

function scalar(text: string): string {
  const basic = /^"((?:[^"\\]|\\.)*)"/.exec(text)
  if (basic) return basic[1]!.replace(/\\(["\\nt])/g, (_whole, mark: string) => ({ n: '\n', t: '\t' })[mark] ?? mark)
  const literal = /^'([^']*)'/.exec(text)
  return literal ? literal[1]! : text.replace(/\s+#.*$/, '')
}
