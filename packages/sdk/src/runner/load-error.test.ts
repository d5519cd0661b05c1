import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { explainLoadError } from './load-error.ts'

test('what type stripping cannot run is told with its place and with what to write instead', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-load-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const cases: readonly (readonly [file: string, text: string, told: RegExp])[] = [
    ['enum.ts', 'enum Color { red }', /enum\.ts cannot be loaded: .*enum.*const object .*build the file/],
    ['namespace.ts', 'namespace Things { export const one = 1 }\nexport {}', /namespace with values in it: write a module/],
    ['property.ts', 'export class Point { constructor(readonly x: number) {} }', /declare the field and assign it/],
    ['view.tsx', 'export const view = <p />', /Node does not run JSX: build the file/],
    ['alias.ts', "import '@/things'\n", /paths in tsconfig\.json: Node does not read those/],
    ['extension.ts', "import './enum'\n", /Write the extension/],
    ['broken.js', 'export const a = 1\nexport const b = ;\n', /broken\.js:2: SyntaxError: Unexpected token/],
    ['throws.js', "throw new RangeError('at once')\n", /throws\.js cannot be loaded: RangeError: at once/],
  ]
  for (const [file, text, told] of cases) {
    writeFileSync(path.join(folder, file), text)
    const { href } = pathToFileURL(path.join(folder, file))
    const error: unknown = await import(href).then(() => assert.fail(`${file} was loaded`), (thrown: unknown) => thrown)
    assert.match(explainLoadError(error, href).message, told)
  }
  const { href } = pathToFileURL(path.join(folder, 'nowhere.ts'))
  assert.match(explainLoadError(await import(href).catch((thrown: unknown) => thrown), href).message, /The file is not there: check the entry point/)
})
