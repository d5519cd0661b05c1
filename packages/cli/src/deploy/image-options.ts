import { existsSync } from 'node:fs'
import { misused } from '../reads.ts'
import type { DeploymentConfig } from './project-file.ts'
import { BUILD_IMAGE, PUSH_IMAGE } from './steps.ts'

export interface ImageOptions {
  readonly image?: string
  readonly build?: boolean
  readonly push?: boolean
  readonly dockerfile?: string
}

/** What the options about an image say, as steps of a project file. An image that is named takes the place of those that the file's own steps would make. */
export function imageSteps({ image, build, push, dockerfile }: ImageOptions): Pick<DeploymentConfig, 'build' | 'push'> {
  if (dockerfile !== undefined && !build) throw misused('--dockerfile goes with --build.')
  if (image === undefined) {
    if (!build && !push) return {}
    throw misused(`--${build ? 'build' : 'push'} needs the name of the image.`, 'Say it with --image registry.example.org/team/flows:1.0')
  }
  return {
    build: build ? [{ [BUILD_IMAGE]: { image_name: withTag(image), dockerfile: dockerfile ?? (existsSync('Dockerfile') ? 'Dockerfile' : 'auto') } }] : null,
    push: push ? [{ [PUSH_IMAGE]: { image_name: withTag(image) } }] : null,
  }
}

/** The tag that a name without one stands for: jobs would ask for it too. */
function withTag(image: string): string {
  return /:[^/:]+$/.test(image) ? image : `${image}:latest`
}
