/**
 * Prints how an OpenAPI document compares with the real Prefect's.
 * Use: node --conditions=spillway-source test/openapi/print-comparison.ts <our document, file or URL> [their document]
 */
import { readFileSync } from 'node:fs'
import { compareDocuments } from './compare.ts'
import type { Document } from './compare.ts'
import { prefectDocument, prefectPython } from './prefect-document.ts'

async function load(place: string): Promise<Document> {
  const isUrl = /^https?:/.test(place)
  const text = isUrl ? await (await fetch(place)).text() : readFileSync(place, 'utf8')
  return JSON.parse(text) as Document
}

const [ourPlace, theirPlace] = process.argv.slice(2)
const python = prefectPython()
if (ourPlace === undefined || (theirPlace === undefined && python === undefined)) {
  console.error('Say which document to compare, and with which (or install the real Prefect).')
  process.exit(2)
}
const theirs = theirPlace === undefined ? prefectDocument(python!) : await load(theirPlace)
const { operations, components, differences } = compareDocuments(await load(ourPlace), theirs)
for (const { at, what, ours: our, theirs: their } of differences) {
  console.log(`${what.padEnd(10)} ${at}`)
  if (their !== undefined) console.log(`  ours   ${JSON.stringify(our)}\n  theirs ${JSON.stringify(their)}`)
}
console.log(`operations: ${operations.present} of ${operations.theirs} present, ${operations.equal} equal`)
console.log(`components: ${components.present} of ${components.theirs} present, ${components.equal} equal`)
process.exitCode = differences.length === 0 ? 0 : 1
