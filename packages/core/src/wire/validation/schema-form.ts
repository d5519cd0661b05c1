import type { TSchema } from 'typebox'

/** A schema seen as the bag of keywords that it is: JSON Schema's, and our own beside them. */
export interface SchemaForm extends TSchema {
  readonly $id?: string
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly TSchema[]
  readonly oneOf?: readonly TSchema[]
  readonly objectsAs?: TSchema
  readonly discriminator?: { readonly propertyName: string }
  readonly items?: TSchema
  readonly prefixItems?: readonly TSchema[]
  readonly uniqueItems?: boolean
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly additionalProperties?: boolean | TSchema
  readonly patternProperties?: Readonly<Record<string, TSchema>>
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly default?: unknown

  readonly bodyParameters?: boolean
  readonly strict?: boolean
  readonly emptyIsNull?: boolean
  readonly countsItems?: boolean
  readonly forwardOnly?: boolean
  readonly keepsOffset?: boolean
  readonly isNative?: boolean
  readonly absentIsEmpty?: boolean
  readonly label?: string
  readonly shown?: string
  readonly isSequence?: boolean
  readonly wrongType?: { readonly type: string; readonly msg: string }
  readonly makeDefault?: () => unknown
  readonly before?: (value: unknown) => unknown
  readonly beforeCheck?: (value: unknown) => string | undefined
  readonly check?: (value: unknown) => string | undefined
  readonly after?: (value: unknown) => unknown
}
