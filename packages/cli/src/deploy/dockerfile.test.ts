import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { autoDockerfile } from './dockerfile.ts'

test('a Dockerfile installs by the lock file that the project has', () => {
  for (const [lock, install] of [
    ['package-lock.json', /^COPY package\.json package-lock\.json \.\/\nRUN npm ci --omit=dev$/m],
    ['pnpm-lock.yaml', /^COPY package\.json pnpm-lock\.yaml \.\/\nRUN corepack enable && pnpm install --frozen-lockfile --prod$/m],
    ['yarn.lock', /^RUN corepack enable && yarn install/m],
    [undefined, /^COPY package\.json \.\/\nRUN npm install --omit=dev$/m],
  ] as const) {
    const folder = mkdtempSync(path.join(tmpdir(), 'flows-'))
    try {
      assert.throws(() => autoDockerfile(folder), /has no package\.json/)
      writeFileSync(path.join(folder, 'package.json'), '{}')
      if (lock !== undefined) writeFileSync(path.join(folder, lock), '')
      assert.match(autoDockerfile(folder), install)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
})
