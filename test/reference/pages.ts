import { exportsOf, type Exported } from './exported.ts'

interface Page {
  readonly file: string
  readonly title: string
  readonly modules: readonly [string, string]
  readonly entry: string
  readonly about: string
}

/** Pages of the reference, one for each module that users import. */
const pages: readonly Page[] = [
  {
    file: 'docs/reference/sdk.md',
    title: 'Flows, tasks and deployments',
    modules: ['spillway', '@spillway/sdk'],
    entry: 'packages/sdk/src/index.ts',
    about: 'What they are for, with examples: [Flows in TypeScript](../sdk.md).',
  },
  {
    file: 'docs/reference/client.md',
    title: 'The client of the REST API',
    modules: ['spillway/client', '@spillway/sdk/client'],
    entry: 'packages/sdk/src/client/index.ts',
    about: 'The routes themselves are described in [openapi.json](../openapi.json).',
  },
  {
    file: 'docs/reference/testing.md',
    title: 'The harness for tests',
    modules: ['spillway/testing', '@spillway/sdk/testing'],
    entry: 'packages/sdk/src/testing/index.ts',
    about: 'How it is used: [Tests](../sdk.md#tests).',
  },
]

const sections: readonly (readonly [title: string, belongs: (exported: Exported) => boolean])[] = [
  ['Functions', ({ kind }) => kind === 'function' || kind === 'value'],
  ['Classes', ({ kind, file }) => kind === 'class' && !file.endsWith('/errors.ts')],
  ['Errors', ({ kind, file }) => kind === 'class' && file.endsWith('/errors.ts')],
  ['Types', ({ kind }) => kind === 'type'],
]

/** Everything that users can import, by page. */
export function referenceExports(): ReadonlyMap<string, readonly Exported[]> {
  return new Map(pages.map(({ file, entry }) => [file, exportsOf(entry)]))
}

/** The text of each page of the reference. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map(pages.map((page) => [page.file, pageText(page)]))
}

function pageText({ title, modules, entry, about }: Page): string {
  const exported = exportsOf(entry)
  const parts = [
    `# ${title}`,
    `Made from the comments of the code by \`node scripts/generate-reference.mjs\`. Import from \`${modules[0]}\`, or from \`${modules[1]}\` where only that is installed. ${about}`,
  ]
  for (const [section, belongs] of sections) {
    const here = exported.filter(belongs).toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    if (here.length === 0) continue
    parts.push(`## ${section}`)
    for (const { name, doc, code } of here) parts.push(`### ${name}`, ...paragraphs(doc), `\`\`\`ts\n${code}\n\`\`\``)
  }
  return `${parts.join('\n\n')}\n`
}

/** Paragraphs of a doc comment, its tags as a list. */
function paragraphs(doc: string): string[] {
  if (doc === '') return []
  const [text = '', ...tags] = doc.split(/(?:^|\s)(?=@(?:param|returns|throws|see)\b)/)
  const told = text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
  const listed = tags.map((tag) => {
    const [, kind, rest = ''] = /^@(\w+)\s*([^]*)$/.exec(tag.trim())!
    const words = rest.replaceAll(/\s+/g, ' ')
    if (kind === 'param') return `- ${words.replace(/^(\S+)/, '`$1`:')}`
    const names = words.replaceAll(/\{(\w+)\}/g, '`$1`')
    return `- ${kind === 'returns' ? 'Returns' : kind === 'throws' ? 'Throws' : 'See'} ${names}`
  })
  return listed.length === 0 ? told : [...told, listed.join('\n')]
}

if (import.meta.main) process.stdout.write(JSON.stringify(Object.fromEntries(referencePages())))
