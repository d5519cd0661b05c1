import { existsSync } from 'node:fs'
import path from 'node:path'
import { CommandError } from '../exit-codes.ts'

/** What stays out of the image, where the folder has no `.dockerignore` of its own. */
export const IGNORED = ['node_modules', '.git', '.env', '.env.*', '.spillway', '.venv', '**/*.log', '']

const INSTALLS: readonly (readonly [lock: string, files: string, command: string])[] = [
  ['package-lock.json', 'package.json package-lock.json', 'npm ci --omit=dev'],
  ['npm-shrinkwrap.json', 'package.json npm-shrinkwrap.json', 'npm ci --omit=dev'],
  ['pnpm-lock.yaml', 'package.json pnpm-lock.yaml', 'corepack enable && pnpm install --frozen-lockfile --prod'],
  ['yarn.lock', 'package.json yarn.lock', 'corepack enable && yarn install --frozen-lockfile --production'],
]

/**
 * The Dockerfile of a project in TypeScript that has none: its dependencies, then its files, in a folder of the same name.
 * Node runs TypeScript as it stands, so nothing is compiled.
 *
 * @throws {CommandError} where there is no package.json
 */
export function autoDockerfile(folder: string): string {
  if (!existsSync(path.join(folder, 'package.json'))) {
    throw new CommandError(`A Dockerfile cannot be made for ${folder}: it has no package.json.`, { remedy: 'Run the command in the folder of the project, or write a Dockerfile and name it with --dockerfile.' })
  }
  const [, files, install] = INSTALLS.find(([lock]) => existsSync(path.join(folder, lock))) ?? ['', 'package.json', 'npm install --omit=dev']
  return `FROM node:24-slim
WORKDIR /opt/flows/${path.basename(path.resolve(folder)).replace(/[^\w.-]+/g, '-')}
ENV NODE_ENV=production
COPY ${files} ./
RUN ${install}
COPY . .
USER node
`
}
