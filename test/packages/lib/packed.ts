import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeTempDir } from '../../compat/target.ts'

export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** A package as `npm pack` makes it. */
export interface PackedPackage {
  readonly name: string
  readonly version: string
  /** The tarball. */
  readonly file: string
  readonly unpackedSize: number
  readonly files: readonly string[]
}

/** Builds the packages that are published and packs each into a tarball in a temporary folder, which is the caller's to remove. */
export async function packAll(): Promise<{ folder: string; packages: PackedPackage[] }> {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' })
  const folder = makeTempDir('packed')
  const names = ['core', 'server', 'sdk', 'cli'].map((name) => `--workspace=packages/${name}`)
  mkdirSync(folder, { recursive: true })
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--ignore-scripts', `--pack-destination=${folder}`, ...names], { cwd: root })
  const packed = Object.values(JSON.parse(stdout) as Record<string, { name: string; version: string; filename: string; unpackedSize: number; files: { path: string }[] }>)
  return {
    folder,
    packages: packed.map(({ name, version, filename, unpackedSize, files }) => ({
      name,
      version,
      // npm has written `@scope/name-1.0.0.tgz` here and `scope-name-1.0.0.tgz` on the disk, depending on its version.
      file: path.join(folder, filename.replace('@', '').replace('/', '-')),
      unpackedSize,
      files: files.map((file) => file.path),
    })),
  }
}
