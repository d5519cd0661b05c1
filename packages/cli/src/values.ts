import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { CommandError } from './exit-codes.ts'
import { misused } from './reads.ts'

/** JSON where it is JSON, else the text as it stands: `42`, `true`, `"42"`, `hello`. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * Options of the form `key=value`, whose values may be JSON.
 *
 * @param option as it is named in errors: `--param`
 */
export function keyValues(pairs: readonly string[], option: string): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw misused(`${option} '${pair}' has no key.`, `Write ${option} key=value; the value may be JSON.`)
      return [pair.slice(0, at), jsonOrText(pair.slice(at + 1))]
    }),
  )
}

/** A JSON object that was given as text. */
export function jsonObject(text: string, option: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw misused(`${option} is not JSON: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misused(`${option} must be a JSON object, such as '{"key": "value"}'.`)
  return value as Record<string, unknown>
}

/** All of the standard input. */
export async function standardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** The text of a file that the user named. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new CommandError(`'${file}' cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** What a `.json`, `.yaml` or `.yml` file holds. Errors name the line. */
export async function readDocument(file: string): Promise<unknown> {
  const text = await readText(file)
  const kind = extname(file).toLowerCase()
  if (kind !== '.json' && kind !== '.yaml' && kind !== '.yml') throw misused(`'${file}' has an extension that is not known.`, 'Use .yaml, .yml or .json.')
  try {
    if (kind === '.json') return JSON.parse(text)
    return (await import('yaml')).parse(text)
  } catch (error) {
    throw new CommandError(`'${file}' cannot be understood: ${(error as Error).message}`, { cause: error })
  }
}
