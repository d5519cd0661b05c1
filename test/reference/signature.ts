import type { ParsedFile } from './exported.ts'

/** A piece of the syntax tree; its fields differ by type. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** A function without its body. */
export function signatureOf({ text }: ParsedFile, node: Node): string {
  const body = node['body'] as Node | null
  return tidy(text.slice(node.start, body?.start ?? node.end)).replace(/^async /, '')
}

/** A class, an interface, an object of functions, a type: what a user sees of it, each member with its comment. */
export function membersOf(module: ParsedFile, node: Node): string {
  const { text } = module
  if (node.type === 'VariableDeclaration') {
    const [declarator] = node['declarations'] as Node[]
    const { name } = declarator!['id'] as { name: string }
    const value = declarator!['init'] as Node
    if (value.type === 'ObjectExpression') return `const ${name}: {\n${lines(module, value['properties'] as Node[])}\n}`
    return `const ${tidy(text.slice(declarator!.start, (declarator!['id'] as Node).end))}`
  }
  if (node.type === 'ClassDeclaration' || node.type === 'TSInterfaceDeclaration') {
    const body = node['body'] as Node
    const members = lines(module, body['body'] as Node[])
    return `${tidy(text.slice(node.start, body.start))} {${members === '' ? '' : `\n${members}\n`}}`
  }
  return tidy(text.slice(node.start, node.end))
}

function lines(module: ParsedFile, members: readonly Node[]): string {
  return members
    .filter((member) => isPublic(module, member))
    .map((member) => {
      const comment = module.commentBefore(member.start)
      return `${comment ? `  ${module.text.slice(comment.start, comment.end)}\n` : ''}  ${memberText(module, member)}`
    })
    .join('\n')
}

function isPublic(module: ParsedFile, member: Node): boolean {
  const key = member['key'] as Node | undefined
  if (key?.type === 'PrivateIdentifier' || member['accessibility'] === 'private' || member.type === 'StaticBlock') return false
  return !module.commentBefore(member.start)?.value.includes('@internal')
}

function memberText(module: ParsedFile, member: Node): string {
  const { text } = module
  const key = member['key'] as Node | undefined
  const value = member['value'] as Node | null | undefined
  if (!key || !value || member.type.startsWith('TS')) return tidy(text.slice(member.start, member.end))
  const body = value['body'] as Node | null | undefined
  if (member.type === 'MethodDefinition' || member['method'] === true) return tidy(text.slice(member.start, body?.start ?? member.end)).replace(/^async /, '')
  if (member['shorthand'] === true) {
    const name = text.slice(member.start, member.end)
    const declared = module.body.find((node) => node.type === 'FunctionDeclaration' && (node['id'] as { name: string }).name === name)
    return declared ? signatureOf(module, declared).replace(/^function /, '') : name
  }
  if (value.type === 'ArrowFunctionExpression') {
    // Written as a method: `name(parameters): result`.
    const head = text.slice(value.start, body!.start).replace(/=>\s*$/, '').replace(/^async\s*/, '')
    return tidy(`${text.slice(key.start, key.end)}${head}`)
  }
  const annotation = member['typeAnnotation'] as Node | null | undefined
  return tidy(text.slice(member.start, annotation?.end ?? key.end))
}

function tidy(code: string): string {
  return code.trim().replace(/;$/, '')
}
