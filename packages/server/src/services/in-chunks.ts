/** Cuts a list so that no single command holds the writer for long. */
export function* inChunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

/** Runs a command over chunks of ids and adds up what it changed. */
export async function sumOverChunks<T>(
  items: readonly T[],
  size: number,
  change: (chunk: T[]) => Promise<number>,
): Promise<number> {
  let sum = 0
  for (const chunk of inChunks(items, size)) sum += await change(chunk)
  return sum
}
