/** Release, pre-release, post-release, development release, local part: as Python packaging writes versions. */
const VERSION = new RegExp(
  [
    String.raw`^v?(\d+(?:\.\d+)*)`,
    String.raw`(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?`,
    String.raw`(?:[-_.]?(post|rev|r)[-_.]?(\d*)|-(\d+))?`,
    String.raw`(?:[-_.]?(dev)[-_.]?(\d*))?`,
    String.raw`(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$`,
  ].join(''),
  'i',
)

const PRE_RELEASE_RANK: Readonly<Record<string, number>> = {
  a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2,
}

interface Version {
  release: number[]
  /** Sorts `1.0.dev1` < `1.0a1` < `1.0` < `1.0.post1`: each a list compared member by member. */
  order: number[]
}

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text.trim())
  if (!match) return undefined
  const [, release = '', pre, preNumber, post, postNumber, bareNumber, dev, devNumber] = match
  const isPost = post !== undefined || bareNumber !== undefined
  const rankWithoutPre = dev !== undefined && !isPost ? -1 : 3
  const preRank = pre === undefined ? rankWithoutPre : (PRE_RELEASE_RANK[pre.toLowerCase()] ?? 2)
  return {
    release: release.split('.').map(Number),
    order: [
      preRank,
      pre === undefined ? 0 : Number(preNumber || 0),
      isPost ? Number(postNumber || bareNumber || 0) + 1 : 0,
      dev === undefined ? Infinity : Number(devNumber || 0),
    ],
  }
}

/**
 * Orders two versions as Python packaging does (`3.4.11rc1` < `3.4.11` < `3.4.11.post1`); local parts are ignored.
 *
 * @returns below, at or above 0; undefined when one of them is no version.
 */
export function compareVersions(left: string, right: string): number | undefined {
  const a = parseVersion(left)
  const b = parseVersion(right)
  if (!a || !b) return undefined
  return compareLists(a.release, b.release) || compareLists(a.order, b.order)
}

/** True when `version` is known and not older than `minimum`. */
export function versionAtLeast(version: string | null, minimum: string): boolean {
  if (version === null) return false
  const order = compareVersions(version, minimum)
  return order !== undefined && order >= 0
}

/** True when the API version header is absent or not older than `minimum`: who says nothing gets today's behaviour. */
export function apiVersionAtLeast(apiVersion: string | null, minimum: string): boolean {
  return apiVersion === null || versionAtLeast(apiVersion, minimum)
}

const USER_AGENT = /^prefect\/(\d+\.\d+\.\d+(?:[a-z.+0-9]+)?) \(API \S+\)$/

/** The client's version out of its User-Agent header, or null. */
export function clientVersionFromUserAgent(userAgent: string | null | undefined): string | null {
  return (userAgent && USER_AGENT.exec(userAgent)?.[1]) || null
}

function compareLists(a: number[], b: number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const left = a[i] ?? 0
    const right = b[i] ?? 0
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}
