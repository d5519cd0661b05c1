import type { EventFilterKeys, KeySet } from '@spillway/core/domain/event-filter'

/** What the index looks at in an item. */
export interface IndexedItem {
  readonly name: string
  readonly resourceId: string
  /** Ids of related resources. */
  readonly relatedIds: readonly string[]
}

/** Values by the beginning of a text. The look-up costs one map access for each different length of prefix. */
class PrefixMap<Value> {
  readonly #byPrefix = new Map<string, Set<Value>>()
  readonly #lengths = new Map<number, number>()

  get size(): number {
    return this.#byPrefix.size
  }

  add(prefix: string, value: Value): void {
    const found = this.#byPrefix.get(prefix)
    if (found) return void found.add(value)
    this.#byPrefix.set(prefix, new Set([value]))
    this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1)
  }

  remove(prefix: string, value: Value): void {
    const found = this.#byPrefix.get(prefix)
    if (!found?.delete(value) || found.size > 0) return
    this.#byPrefix.delete(prefix)
    const left = (this.#lengths.get(prefix.length) ?? 1) - 1
    if (left === 0) this.#lengths.delete(prefix.length)
    else this.#lengths.set(prefix.length, left)
  }

  *find(text: string): Generator<Value> {
    for (const length of this.#lengths.keys()) {
      if (length <= text.length) yield* this.#byPrefix.get(text.slice(0, length)) ?? []
    }
  }
}

class ExactMap<Value> {
  readonly #byKey = new Map<string, Set<Value>>()

  get size(): number {
    return this.#byKey.size
  }

  add(key: string, value: Value): void {
    const found = this.#byKey.get(key)
    if (found) found.add(value)
    else this.#byKey.set(key, new Set([value]))
  }

  remove(key: string, value: Value): void {
    const found = this.#byKey.get(key)
    found?.delete(value)
    if (found?.size === 0) this.#byKey.delete(key)
  }

  find(key: string): Iterable<Value> {
    return this.#byKey.get(key) ?? []
  }
}

/** One kind of key: values by exact texts and by their beginnings. */
class KeyIndex<Value> {
  readonly #exact = new ExactMap<Value>()
  readonly #prefixes = new PrefixMap<Value>()

  get isEmpty(): boolean {
    return this.#exact.size === 0 && this.#prefixes.size === 0
  }

  add({ exact, prefixes }: KeySet, value: Value): void {
    for (const key of exact) this.#exact.add(key, value)
    for (const prefix of prefixes) this.#prefixes.add(prefix, value)
  }

  remove({ exact, prefixes }: KeySet, value: Value): void {
    for (const key of exact) this.#exact.remove(key, value)
    for (const prefix of prefixes) this.#prefixes.remove(prefix, value)
  }

  *find(text: string): Generator<Value> {
    yield* this.#exact.find(text)
    yield* this.#prefixes.find(text)
  }
}

type Family = 'resources' | 'anyResources' | 'names'

/**
 * Finds the filters that an item may match without looking at the others: each stands under the most telling of the keys that its
 * matches must have. A filter without any such key is looked at for every item; there may be only so many of those.
 */
export class SubscriptionIndex<Value> {
  readonly #families: Record<Family, KeyIndex<Value>> = { resources: new KeyIndex(), anyResources: new KeyIndex(), names: new KeyIndex() }
  readonly #unindexed = new Set<Value>()

  /** Filters that every item is tested against. */
  get unindexed(): number {
    return this.#unindexed.size
  }

  add(keys: EventFilterKeys, value: Value): void {
    const chosen = mostTelling(keys)
    if (chosen) this.#families[chosen.family].add(chosen.keys, value)
    else this.#unindexed.add(value)
  }

  remove(keys: EventFilterKeys, value: Value): void {
    const chosen = mostTelling(keys)
    if (chosen) this.#families[chosen.family].remove(chosen.keys, value)
    else this.#unindexed.delete(value)
  }

  /** Candidates, each once. */
  find(item: IndexedItem): Set<Value> {
    const found = new Set(this.#unindexed)
    const { resources, anyResources, names } = this.#families
    for (const value of resources.find(item.resourceId)) found.add(value)
    for (const value of names.find(item.name)) found.add(value)
    if (anyResources.isEmpty) return found
    for (const value of anyResources.find(item.resourceId)) found.add(value)
    for (const id of item.relatedIds) for (const value of anyResources.find(id)) found.add(value)
    return found
  }
}

/** Whether a filter can be found by a key. */
export function isIndexable(keys: EventFilterKeys): boolean {
  return mostTelling(keys) !== undefined
}

/** An id tells more than a name, and a whole text more than its beginning. */
function mostTelling(keys: EventFilterKeys): { family: Family; keys: KeySet } | undefined {
  const families: readonly Family[] = ['resources', 'anyResources', 'names']
  const given = families.flatMap((family) => (keys[family] ? [{ family, keys: keys[family] }] : []))
  return given.find((one) => one.keys.prefixes.length === 0) ?? given[0]
}
