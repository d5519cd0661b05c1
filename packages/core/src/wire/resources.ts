import { relatedResourceFault, resourceFault } from './event-checks.ts'
import { anyOf, dict, list, named, text } from './schema.ts'
import type { Static } from './schema.ts'

export const RelatedResource = named('RelatedResource', dict(text(), { check: relatedResourceFault }))
export type RelatedResource = Static<typeof RelatedResource>

export const Resource = named('Resource', dict(text(), { check: resourceFault }))
export type Resource = Static<typeof Resource>

export const ResourceSpecification = named('ResourceSpecification', dict(anyOf([text(), list(text())])))
export type ResourceSpecification = Static<typeof ResourceSpecification>
