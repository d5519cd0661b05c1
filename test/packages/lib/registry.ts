import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PackedPackage } from './packed.ts'

/** A registry on the loopback that knows the packed packages, and sends whoever asks for others to the one that npm is set to. */
export async function startRegistry(packages: readonly PackedPackage[]): Promise<{ url: string; close(): void }> {
  const upstream = execFileSync('npm', ['config', 'get', 'registry']).toString().trim().replace(/\/$/, '')
  const byName = new Map(packages.map((packed) => [packed.name, { packed, tarball: readFileSync(packed.file) }]))
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url!, 'http://registry').pathname.slice(1))
    const isTarball = name.endsWith('.tgz')
    const own = byName.get(isTarball ? name.slice(0, name.lastIndexOf('/-/')) : name)
    if (!own) response.writeHead(302, { location: `${upstream}${request.url}` }).end()
    else if (isTarball) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(own.tarball)
    else response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(packument(own.packed, own.tarball, url)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** What a registry answers about a package of one version. */
function packument({ name, version }: PackedPackage, tarball: Buffer, url: string): object {
  const folder = name === 'spillway' ? 'cli' : name.slice('@spillway/'.length)
  const manifest = JSON.parse(readFileSync(new URL(`../../../packages/${folder}/package.json`, import.meta.url), 'utf8')) as object
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball: `${url}/${name}/-/${version}.tgz`, integrity } } },
  }
}
