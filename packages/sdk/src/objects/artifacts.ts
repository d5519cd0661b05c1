import { currentFrame } from '../engine/context.ts'
import { remoteOf } from './remote-of.ts'

/** How an artifact is kept and described. */
export interface ArtifactOptions {
  /** Versions under one key make a history: lower-case letters, digits and dashes. */
  readonly key?: string
  readonly description?: string
}

type Cell = string | number | boolean | null

/** Things for people to look at, shown with the run that made them. Each call gives the artifact's id. */
export const artifact = {
  /** A text in Markdown. */
  markdown: (text: string, options?: ArtifactOptions): Promise<string> => create('markdown', text, options),
  /** Rows as objects. */
  table: (rows: readonly Readonly<Record<string, Cell>>[], options?: ArtifactOptions): Promise<string> => create('table', JSON.stringify(rows), options),
  /** A link, under its own address when there is no text for it. */
  link: (url: string, text: string = url, options?: ArtifactOptions): Promise<string> => create('markdown', `[${text}](${url})`, options),
  /** A picture by its address. */
  image: (url: string, options?: ArtifactOptions): Promise<string> => create('image', url, options),
  /** A bar; `percent` from 0 to 100. Change it by `artifact.update`. */
  progress: (percent: number, options?: ArtifactOptions): Promise<string> => create('progress', inPercent(percent), options),
  /** Changes how far a bar has come. */
  async update(id: string, percent: number): Promise<void> {
    await remoteOf('an artifact').client.updateArtifact(id, { data: inPercent(percent) })
  },
}

async function create(type: string, data: unknown, options: ArtifactOptions = {}): Promise<string> {
  if (options.key !== undefined && !/^[a-z0-9-]+$/.test(options.key)) throw new TypeError(`'${options.key}' is no key of an artifact: it may hold a-z, 0-9 and dashes`)
  const frame = currentFrame()
  const created = await remoteOf('an artifact').client.createArtifact({
    type,
    data: data as string,
    key: options.key ?? null,
    description: options.description ?? null,
    flow_run_id: frame?.flow?.run.id ?? null,
    task_run_id: frame?.task?.id ?? null,
  })
  return created.id as string
}

function inPercent(percent: number): number {
  if (!(percent >= 0 && percent <= 100)) throw new TypeError(`${percent} is no percentage from 0 to 100`)
  return percent
}
