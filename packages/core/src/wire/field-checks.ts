import { wireLimits } from './limits.ts'
import { runCheck } from './registered-checks.ts'

type Fault = string | undefined

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** False for null, zero and whatever is empty. */
function isGiven(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
}

/** A check that a name has only lower-case letters, digits and dashes. */
export function dashedName(field: string): (value: string | null) => Fault {
  const fault = `${field} must only contain lowercase letters, numbers, and dashes.`
  return (value) => (value === null || /^[a-z0-9-]*\n?$/.test(value) ? undefined : fault)
}

export function variableNameFault(value: string | null): Fault {
  if (value === null || /^[a-z0-9-_]*\n?$/.test(value)) return undefined
  return 'Variable name must only contain lowercase letters, numbers, and dashes or underscores.'
}

const VARIABLE_VALUE_BYTES_MAX = 5000

export function variableValueFault(value: unknown): Fault {
  if (value === null || utf8Length(JSON.stringify(value)) <= VARIABLE_VALUE_BYTES_MAX) return undefined
  return `Variable value must be less than ${VARIABLE_VALUE_BYTES_MAX} characters`
}

/** Bytes of a text as UTF-8. */
function utf8Length(text: string): number {
  let bytes = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // Each half of a surrogate pair stands for two of the four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code & 0xf800) === 0xd800 ? 2 : 3
  }
  return bytes
}

/** A work pool's name must be more than quotes and spaces. */
export function emptyNameFault(value: unknown): Fault {
  return typeof value === 'string' && /^[' "]*$/.test(value) ? 'name cannot be an empty string' : undefined
}

const COMMAS = new Intl.NumberFormat('en-US')

export function parameterSizeFault(parameters: Record<string, unknown> | null): Fault {
  const max = wireLimits.parameterBytesMax
  if (max <= 0 || !parameters) return undefined
  const json = JSON.stringify(parameters)
  // A character outside ASCII counts as its six-byte escape.
  if (json.length * 6 <= max) return undefined
  let size = 0
  for (let at = 0; at < json.length; at++) size += json.charCodeAt(at) < 0x80 ? 1 : 6
  if (size <= max) return undefined
  return (
    `Flow run parameters must be less than ${COMMAS.format(max)} bytes when serialized ` +
    `(got ${COMMAS.format(size)} bytes).`
  )
}

export function cacheKeyFault(value: string | null): Fault {
  if (value === null || value.length <= wireLimits.cacheKeyLengthMax) return undefined
  return `Cache key exceeded maximum allowed length of ${wireLimits.cacheKeyLengthMax} characters.`
}

const RETRY_DELAYS_MAX = 50

export function retryDelayFault(value: unknown): Fault {
  const isLong = Array.isArray(value) && value.length > RETRY_DELAYS_MAX
  return isLong ? `Can not configure more than ${RETRY_DELAYS_MAX} retry delays per task.` : undefined
}

export function jitterFault(value: number | null): Fault {
  return value !== null && value < 0 ? '`retry_jitter_factor` must be >= 0.' : undefined
}

/** Fills a run policy's fields from those they replaced, which old clients still send. */
export function withRenamedPolicyFields(value: unknown): unknown {
  if (!isObject(value)) return value
  const { max_retries: maxRetries, retry_delay_seconds: retryDelaySeconds } = value
  if (!maxRetries && !retryDelaySeconds) return value
  const out = { ...value }
  if (!value['retries'] && maxRetries) out['retries'] = maxRetries
  if (!value['retry_delay'] && retryDelaySeconds) out['retry_delay'] = retryDelaySeconds
  return out
}

export function scheduledRunsFault(value: number | null): Fault {
  const max = wireLimits.scheduledRunsMax
  return value !== null && value > max ? `\`max_scheduled_runs\` must be less than or equal to ${max}.` : undefined
}

export function intervalFault(seconds: number): Fault {
  return seconds <= 0 ? 'interval must be positive' : undefined
}

const knownZones = new Map<string, boolean>()
const ZONES_MAX = 1000

/** Whether the runtime knows a timezone by this name. */
export function isTimezone(name: string): boolean {
  let known = knownZones.get(name)
  if (known === undefined) {
    // Offsets such as +02:00 are taken by Intl but are no timezones on the wire.
    known = /^[A-Za-z]/.test(name) && takesTimezone(name)
    if (knownZones.size < ZONES_MAX) knownZones.set(name, known)
  }
  return known
}

function takesTimezone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone })
    return true
  } catch {
    return false
  }
}

export function timezoneFault({ timezone }: { timezone?: string | null }): Fault {
  if (!timezone || isTimezone(timezone)) return undefined
  return `Invalid timezone: "${timezone}" (specify in IANA tzdata format, for example, America/New_York)`
}

/** An interval without a timezone runs in UTC. */
export function withUtc<Schedule extends { timezone: string | null }>(schedule: Schedule): Schedule {
  return (schedule.timezone ?? null) === null ? { ...schedule, timezone: 'UTC' } : schedule
}

export function cronFault(value: string): Fault {
  return runCheck('cron', value)
}

const RRULE_LENGTH_MAX = 6500

export function rruleFault(value: string): Fault {
  if (value.length > RRULE_LENGTH_MAX) {
    return `Invalid RRule string "${value.slice(0, 40)}..."\nMax length is ${RRULE_LENGTH_MAX}, got ${value.length}`
  }
  return runCheck('rrule', value)
}

/** Fields of deployments that clients before 2.8 send and nobody reads. */
const OLD_DEPLOYMENT_FIELDS = [
  'worker_pool_queue_id',
  'worker_pool_name',
  'worker_pool_queue_name',
  'work_pool_queue_name',
]

export function withoutOldDeploymentFields(value: unknown): unknown {
  if (!isObject(value) || !OLD_DEPLOYMENT_FIELDS.some((field) => field in value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !OLD_DEPLOYMENT_FIELDS.includes(key)))
}

/** Two limits on one deployment exclude each other. */
export function concurrencyLimitsFault(value: unknown): Fault {
  if (!isObject(value)) return undefined
  if (!isGiven(value['concurrency_limit']) || !isGiven(value['global_concurrency_limit_id'])) return undefined
  return 'A deployment cannot have both a concurrency limit and a global concurrency limit.'
}

export function newDeploymentFault(value: unknown): Fault {
  const fault = concurrencyLimitsFault(value)
  if (fault !== undefined || !isObject(value) || !value['enforce_parameter_schema']) return fault
  return runCheck('deploymentParameters', value)
}

/** The parameter schema that takes any object. */
export function openParameterSchema(): Record<string, unknown> {
  return { type: 'object', properties: {} }
}

/** An empty parameter schema is one that takes any object. */
export function wholeParameterSchema(value: unknown): unknown {
  return isObject(value) && Object.keys(value).length === 0 ? openParameterSchema() : value
}

const PLACEHOLDER = /\{\{\s*([\w.\-[\]$]+)\s*\}\}/g

/** A work pool's template is empty, or declares every variable that it uses. */
export function baseJobTemplateFault(template: Record<string, unknown> | null): Fault {
  if (template === null || Object.keys(template).length === 0) return undefined
  const { job_configuration: configuration, variables } = template
  if (!isFilled(configuration) || !isFilled(variables)) {
    return 'The `base_job_template` must contain both a `job_configuration` key and a `variables` key.'
  }
  const properties = variables['properties']
  const declared = new Set(isObject(properties) ? Object.keys(properties) : [])
  const used = [...JSON.stringify(configuration).matchAll(PLACEHOLDER)].map((match) => match[1]!)
  const undeclared = [...new Set(used)].filter((name) => !isBlockReference(name) && !declared.has(name))
  if (undeclared.length === 0) return undefined
  return (
    'The variables specified in the job configuration template must be present as properties in the variables ' +
    `schema. Your job configuration uses the following undeclared variable(s): ${undeclared.join(' ,')}.`
  )
}

function isFilled(value: unknown): value is Record<string, unknown> {
  return isObject(value) && Object.keys(value).length > 0
}

/** Placeholders for blocks, workspace variables and the environment are resolved elsewhere. */
function isBlockReference(name: string): boolean {
  return name.startsWith('prefect.') || name.startsWith('$')
}

export function anonymousNameFault(value: unknown): Fault {
  const isNamed = !isObject(value) || isGiven(value['is_anonymous']) || isGiven(value['name'])
  return isNamed ? undefined : 'Names must be provided for block documents.'
}

const METADATA_LENGTH_MAX = 500

/** Cuts long values of an artifact's metadata. */
export function withShortMetadata(value: Record<string, string> | null): Record<string, string> | null {
  if (value === null) return null
  const cut = (text: string): string =>
    text.length > METADATA_LENGTH_MAX ? `${text.slice(0, METADATA_LENGTH_MAX)}...` : text
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, cut(text)]))
}
