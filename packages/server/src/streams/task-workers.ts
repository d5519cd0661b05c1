/** The task workers that are connected right now, for `/task_workers/filter`. */
export class TaskWorkers {
  readonly #workers = new Map<symbol, { identifier: string; taskKeys: readonly string[]; sinceMs: number }>()

  /** @returns leave */
  join(identifier: string, taskKeys: readonly string[]): () => void {
    const key = Symbol(identifier)
    this.#workers.set(key, { identifier, taskKeys, sinceMs: Date.now() })
    return () => this.#workers.delete(key)
  }

  /** @param taskKeys Only workers that serve one of these; undefined for all. */
  list(taskKeys: readonly string[] | undefined): { identifier: string; taskKeys: readonly string[]; sinceMs: number }[] {
    const all = [...this.#workers.values()]
    return taskKeys ? all.filter((worker) => worker.taskKeys.some((key) => taskKeys.includes(key))) : all
  }
}
