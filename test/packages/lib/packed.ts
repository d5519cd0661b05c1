import { execFile } from 'node:child_process'
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
  readonly files: readonly string[]
}

/** Builds the packages that are published and packs each into a tarball in a temporary folder, which is the caller's to remove. */
export async function packAll(): Promise<{ folder: string; packages: PackedPackage[] }> {
  const folder = makeTempDir('packed')
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/pack.mjs', '--json', folder], { cwd: root, maxBuffer: 16 * 1024 * 1024 })
  const packed = Object.values(JSON.parse(stdout) as Record<string, { name: string; version: string; filename: string; files: { path: string }[] }>)
  return {
    folder,
    packages: packed.map(({ name, version, filename, files }) => ({
      name,
      version,
      // npm has written `@scope/name-1.0.0.tgz` here and `scope-name-1.0.0.tgz` on the disk, depending on its version.
      file: path.join(folder, filename.replace('@', '').replace('/', '-')),
      files: files.map((file) => file.path),
    })),
  }
}
