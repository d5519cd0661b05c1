import type { Answer } from './port.ts'

/** 200 with JSON text that is already encoded. */
export function ok(json: string): Answer {
  return { status: 200, json }
}

/** 201 with JSON text that is already encoded. */
export function created(json: string): Answer {
  return { status: 201, json }
}

/** 201 for a new object, 200 for one that was there: how Prefect tells creation from upsert. */
export function createdOrExisting(isNew: boolean, json: string): Answer {
  return { status: isNew ? 201 : 200, json }
}

/** 204, no body. */
export function noContent(): Answer {
  return { status: 204, json: '' }
}

/** A JSON array out of encoded members. */
export function jsonArray(members: readonly string[]): string {
  return `[${members.join(',')}]`
}
