import { SpillwayError } from '../errors.ts'
import { Secret } from './secret.ts'

/** A bucket, how it is reached, and where in it results lie. */
export interface S3Settings {
  readonly bucket: string
  /** Where in the bucket a result lies; the same place in which Python looks for it. */
  readonly place: (key: string) => string
  /** Undefined: Amazon's own, of the region. */
  readonly endpoint: string | undefined
  readonly region: string | undefined
  /** Default: the bucket is part of the path where there is an endpoint, else part of the host's name. */
  readonly addressing: string | undefined
  /** `none`: requests are not signed; undefined: what the environment, a profile or the machine's role gives. */
  readonly credentials: S3Credentials | 'none' | undefined
  readonly profile: string | undefined
  /** What these credentials are for, where others are those of the requests. */
  readonly role: S3Role | undefined
  /** Plain HTTP to Amazon's own endpoints. */
  readonly plain: boolean
  /** A file of certificates that vouch for the endpoint; false: any certificate is taken. */
  readonly certificates: string | false | undefined
  readonly connectSeconds: number | undefined
  readonly readSeconds: number | undefined
  readonly attempts: number | undefined
  /** Further fields of each write, such as `ServerSideEncryption`. */
  readonly writeOptions: Readonly<Record<string, unknown>>
}

interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken: Secret | undefined
}

export interface S3Role {
  readonly arn: string
  /** Of the request for it, by their names in STS, such as `ExternalId`. */
  readonly parameters: Readonly<Record<string, unknown>>
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a block of the type `s3-bucket` of prefect-aws, whose credentials are those of AWS or of MinIO.
 *
 * @throws {SpillwayError} `storage-unsupported`
 */
export function settingsOfS3Bucket(data: Fields, reference: string): S3Settings {
  const bucket = text(data['bucket_name'])
  if (bucket === undefined) throw unusable(reference, 'it has no bucket_name')
  const folder = text(data['bucket_folder']) ?? ''
  const given = fields(data['credentials'])
  const role = text(given['assume_role_arn'])
  const parameters = fields(given['aws_client_parameters'])
  return {
    bucket,
    place: (key) => (folder === '' || key === folder || key.startsWith(`${folder.replace(/\/+$/, '')}/`) ? key : joined(folder, key)),
    endpoint: text(parameters['endpoint_url']),
    profile: text(given['profile_name']),
    role: role === undefined ? undefined : { arn: role, parameters: givenOnes(fields(given['assume_role_kwargs'])) },
    credentials:
      'minio_root_user' in given
        ? credentials(reference, given['minio_root_user'], given['minio_root_password'], undefined)
        : credentials(reference, given['aws_access_key_id'], given['aws_secret_access_key'], given['aws_session_token']),
    plain: parameters['use_ssl'] === false,
    certificates: parameters['verify'] === false ? false : (text(parameters['verify_cert_path']) ?? text(parameters['verify'])),
    writeOptions: {},
    ...botocoreConfig(fields(parameters['config']), text(given['region_name'])),
  }
}

/**
 * Reads a block of the type `remote-file-system` whose path begins with `s3://`. Its settings are those of Python's s3fs.
 *
 * @returns undefined for a path of another kind
 * @throws {SpillwayError} `storage-unsupported`
 */
export function settingsOfS3Path(data: Fields, reference: string): S3Settings | undefined {
  const [, bucket, folder = ''] = /^s3a?:\/\/([^/]+)\/?(.*)$/.exec((text(data['basepath']) ?? '').replace(/\/+$/, '')) ?? []
  if (bucket === undefined) return undefined
  const settings = fields(data['settings'])
  const client = fields(settings['client_kwargs'])
  return {
    bucket,
    place: (key) => (/^s3a?:\/\//.test(key) ? key.replace(/^s3a?:\/\/[^/]*\//, '') : `${folder === '' ? '' : `${folder}/`}${key.replace(/^\/+/, '')}`),
    endpoint: text(settings['endpoint_url']) ?? text(client['endpoint_url']),
    profile: text(settings['profile']),
    role: undefined,
    credentials:
      settings['anon'] === true
        ? 'none'
        : credentials(
            reference,
            text(settings['key']) ?? text(settings['username']) ?? client['aws_access_key_id'],
            text(settings['secret']) ?? text(settings['password']) ?? client['aws_secret_access_key'],
            text(settings['token']) ?? client['aws_session_token'],
          ),
    plain: settings['use_ssl'] === false || client['use_ssl'] === false,
    certificates: client['verify'] === false ? false : text(client['verify']),
    writeOptions: fields(settings['s3_additional_kwargs']),
    ...botocoreConfig(fields(settings['config_kwargs']), text(client['region_name'])),
  }
}

type BotocoreConfig = Pick<S3Settings, 'region' | 'addressing' | 'connectSeconds' | 'readSeconds' | 'attempts'>

/** What both kinds of blocks hand to Python's botocore, as far as it has a meaning here. */
function botocoreConfig(config: Fields, region: string | undefined): BotocoreConfig {
  const retries = fields(config['retries'])
  const again = count(retries['max_attempts'])
  return {
    region: region ?? text(config['region_name']),
    addressing: text(fields(config['s3'])['addressing_style']),
    connectSeconds: count(config['connect_timeout']),
    readSeconds: count(config['read_timeout']),
    // `max_attempts` does not count the first one.
    attempts: count(retries['total_max_attempts']) ?? (again === undefined ? undefined : again + 1),
  }
}

function credentials(reference: string, id: unknown, secret: unknown, token: unknown): S3Credentials | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = [id, secret, token].map(text)
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined
  if (accessKeyId === undefined || secretAccessKey === undefined) throw unusable(reference, `its credentials lack ${accessKeyId === undefined ? 'the id of the key' : 'the secret'}`)
  return { accessKeyId, secretAccessKey: new Secret(secretAccessKey), sessionToken: sessionToken === undefined ? undefined : new Secret(sessionToken) }
}

function unusable(reference: string, why: string): SpillwayError {
  return new SpillwayError('storage-unsupported', `results cannot be kept in the block ${reference}: ${why}`)
}

/** As Python's `PurePosixPath` joins: empty parts and dots go. */
function joined(folder: string, key: string): string {
  const path = key.startsWith('/') ? key : `${folder}/${key}`
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** Python writes what nobody has given as null. */
function givenOnes(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).filter(([, given]) => given !== null))
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}
