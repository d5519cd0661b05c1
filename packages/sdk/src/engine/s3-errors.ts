import { asError, SpillwayError } from '../errors.ts'
import { maskSecrets } from './secret.ts'

/** As the client for S3 throws them: by name, with the store's answer if there was one. */
interface S3Error {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const REFUSED_KEYS = ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'InvalidToken', 'AuthorizationHeaderMalformed', 'InvalidClientTokenId', 'TokenRefreshRequired']

/** Whether there is no such object; a bucket that is missing is a mistake. */
export function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as S3Error
  return name !== 'NoSuchBucket' && $metadata?.httpStatusCode === 404
}

/** What went wrong and what to do about it, without anything that is secret. */
export function describeS3Error(thrown: unknown, { bucket, reference, endpoint }: { bucket: string; reference: string; endpoint: string | undefined }): { why: string; retryable: boolean } {
  if (thrown instanceof SpillwayError) return { why: thrown.message, retryable: thrown.retryable }
  const error = asError(thrown) as S3Error
  const status = error.$metadata?.httpStatusCode
  const said = maskSecrets(error.message === '' || error.message === error.name ? error.name : `${error.name}: ${error.message}`)
  if (error.name === 'NoSuchBucket') return { why: `there is no bucket '${bucket}'; make it, or correct the name in the block ${reference}`, retryable: false }
  if (error.name === 'CredentialsProviderError') {
    return { why: `there are no credentials (${said}); set those of the block ${reference}, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role of the machine`, retryable: false }
  }
  if (REFUSED_KEYS.includes(error.name)) return { why: `the store does not take the credentials (${said}); correct those of the block ${reference}`, retryable: false }
  if (status === 401 || status === 403) {
    return { why: `the store refuses it (${said}); the credentials of the block ${reference} need s3:GetObject, s3:PutObject and, for keys that do not exist, s3:ListBucket`, retryable: false }
  }
  const retryable = status === undefined || status >= 500 || status === 429
  const where = endpoint === undefined ? 'S3' : hostOf(endpoint)
  if (status === undefined || error.code !== undefined) return { why: `${where} cannot be reached, or broke off (${said}); check endpoint_url of the block ${reference} and the network`, retryable }
  return { why: `${where} answered ${status} (${said})`, retryable }
}

/** An address may hold a name and a password. */
function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).host : endpoint
}
