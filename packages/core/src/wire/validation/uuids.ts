import type { Check } from './check.ts'

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const GROUP_LENGTHS = [8, 4, 4, 4, 12]
const NOT_HEX_OR_DASH = /[^0-9a-fA-F-]/u

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Byte offset in UTF-8 of a place in text. */
function byteOffset(text: string, at: number): number {
  let bytes = 0
  for (const character of text.slice(0, at)) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4
  }
  return bytes
}

/**
 * Reads a UUID in any of its spellings: dashed, bare hex, in braces, as `urn:uuid:`.
 *
 * @returns lower-case dashed text, or what is wrong with the input
 */
export function readUuid(text: string): { uuid: string } | { fault: string } {
  const isUrn = text.length === 45 && text.startsWith('urn:uuid:')
  const isBraced = text.startsWith('{') && text.endsWith('}') && text.length > 1
  const core = isUrn ? text.slice(9) : isBraced ? text.slice(1, -1) : text
  const lead = isUrn ? 9 : isBraced ? 1 : 0
  const lower = core.toLowerCase()
  if (CANONICAL.test(lower)) return { uuid: lower }
  const strange = NOT_HEX_OR_DASH.exec(core)
  if (strange) {
    const at = byteOffset(core, strange.index) + lead
    return { fault: `invalid character: found \`${strange[0]}\` at ${at}` }
  }
  const groups = core.split('-')
  if (groups.length === 1 && !isBraced && !isUrn) {
    return core.length === 32 ? { uuid: dashed(lower) } : { fault: `invalid length: found ${core.length}` }
  }
  if (groups.length !== 5) return { fault: `invalid group count: expected 5, found ${groups.length}` }
  const wrong = groups.findIndex((group, at) => group.length !== GROUP_LENGTHS[at])
  const expected = GROUP_LENGTHS[wrong]
  return { fault: `invalid group length in group ${wrong}: expected ${expected}, found ${groups[wrong]!.length}` }
}

/** UUID text in any spelling, given back lower-case with dashes. */
export const uuidCheck: Check = (value, run) => {
  if (typeof value !== 'string') {
    return run.fail('uuid_type', 'UUID input should be a string, bytes or UUID object', value)
  }
  run.coerced()
  if (CANONICAL.test(value)) return value
  const read = readUuid(value)
  if ('uuid' in read) return read.uuid
  return run.fail('uuid_parsing', `Input should be a valid UUID, ${read.fault}`, value, { error: read.fault })
}
