import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync } from 'oxc-parser'
import { root } from '../repository/sources.ts'
import { membersOf, signatureOf, type Node } from './signature.ts'

/** A name that a module exports, with what its source says about it. */
export interface Exported {
  readonly name: string
  readonly kind: 'function' | 'class' | 'value' | 'type'
  /** The text of its doc comment without stars; empty when it has none. */
  readonly doc: string
  /** As it would stand in a declaration file. */
  readonly code: string
  /** Its source file, from the repository's root. */
  readonly file: string
}

interface Comment {
  readonly type: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** A source file, parsed once. */
export interface ParsedFile {
  readonly path: string
  readonly text: string
  readonly body: readonly Node[]
  /** The doc comment right before a place, if there is one. */
  commentBefore(start: number): Comment | undefined
}

const parsed = new Map<string, ParsedFile>()

/** Everything that a module exports, in the order of its lines; what it hands on is followed to where it is declared. */
export function exportsOf(file: string): Exported[] {
  const module = parse(file)
  return module.body.flatMap((node): Exported[] => {
    const from = typeof node['source'] === 'object' && node['source'] ? resolve(file, (node['source'] as { value: string }).value) : undefined
    if (node.type === 'ExportAllDeclaration') return exportsOf(from!)
    if (node.type !== 'ExportNamedDeclaration') return []
    if (from) return (node['specifiers'] as { local: { name: string } }[]).map(({ local }) => declared(from, local.name))
    return namesOf(node['declaration'] as Node).map((name) => declared(file, name))
  }).filter((exported, index, all) => all.findIndex(({ name }) => name === exported.name) === index)
}

function declared(file: string, name: string): Exported {
  const module = parse(file)
  const exporting = module.body.filter((node) => node.type === 'ExportNamedDeclaration')
  const nodes = exporting.filter((node) => node['declaration'] && namesOf(node['declaration'] as Node).includes(name))
  if (nodes.length === 0) {
    const imported = module.body.filter((node) => (node['specifiers'] as { local: { name: string } }[] | undefined)?.some(({ local }) => local.name === name) && node['source'])
    const from = imported.map((node) => resolve(file, (node['source'] as { value: string }).value))[0]
    if (from === undefined) throw new Error(`${file} does not export ${name}`)
    return declared(from, name)
  }
  const declarations = nodes.map((node) => node['declaration'] as Node)
  const doc = nodes.map((node) => docText(module.commentBefore(node.start)?.value)).find((text) => text !== '') ?? ''
  const first = declarations[0]!
  if (first.type === 'ClassDeclaration') return { name, kind: 'class', doc, code: membersOf(module, first), file }
  if (first.type === 'VariableDeclaration') return { name, kind: 'value', doc, code: membersOf(module, first), file }
  if (first.type.endsWith('FunctionDeclaration') || first.type === 'TSDeclareFunction') {
    // Of an overloaded function, the declaration with a body is nobody's to call.
    const callable = declarations.length > 1 ? declarations.filter((declaration) => !declaration['body']) : declarations
    const each = callable.map((declaration) => {
      const comment = module.commentBefore(nodes[declarations.indexOf(declaration)]!.start)
      const own = declaration === callable[0] || !comment ? '' : `${module.text.slice(comment.start, comment.end)}\n`
      return own + signatureOf(module, declaration)
    })
    return { name, kind: 'function', doc, code: each.join('\n'), file }
  }
  const meant = meantBy(module, first)
  // The name that a generated type goes by says nothing without what is in it.
  const code = meant ? meant.code.replace(/^(interface|type) \w+/, `$1 ${name}`) : membersOf(module, first)
  return { name, kind: 'type', doc, code, file }
}

/** What an alias of a type in another module stands for: `type Flow = answers.Flow`. */
function meantBy(module: ParsedFile, node: Node): Exported | undefined {
  const { type, typeName } = (node['typeAnnotation'] ?? {}) as { type?: string; typeName?: { type: string; left: { name: string }; right: { name: string } } }
  if (node.type !== 'TSTypeAliasDeclaration' || type !== 'TSTypeReference' || typeName?.type !== 'TSQualifiedName') return undefined
  const imported = module.body.find((other) => (other['specifiers'] as { local: { name: string } }[] | undefined)?.some(({ local }) => local.name === typeName.left.name) && other['source'])
  return declared(resolve(module.path, (imported!['source'] as { value: string }).value), typeName.right.name)
}

function namesOf(declaration: Node | null): string[] {
  if (!declaration) return []
  if (declaration.type === 'VariableDeclaration') return (declaration['declarations'] as { id: { name: string } }[]).map(({ id }) => id.name)
  return [(declaration['id'] as { name: string }).name]
}

function parse(file: string): ParsedFile {
  const known = parsed.get(file)
  if (known) return known
  const text = readFileSync(path.join(root, file), 'utf8')
  const { program, comments } = parseSync(file, text) as unknown as { program: { body: Node[] }; comments: Comment[] }
  const docs = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
  const module = {
    path: file,
    text,
    body: program.body,
    commentBefore: (start: number) => docs.findLast((comment) => comment.end <= start && text.slice(comment.end, start).trim() === ''),
  }
  parsed.set(file, module)
  return module
}

/** A file that another one imports from, in this package or in the core. */
function resolve(file: string, from: string): string {
  return path.posix.join(path.posix.dirname(file), from)
}

/** What a doc comment says, without its stars. */
export function docText(comment = ''): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*+ ?/, '').trimEnd())
    .join('\n')
    .trim()
}
