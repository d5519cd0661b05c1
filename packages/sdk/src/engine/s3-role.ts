import { randomUUID } from 'node:crypto'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { asError, SpillwayError } from '../errors.ts'
import type { S3Role } from './s3-settings.ts'

type Library = typeof import('@aws-sdk/credential-providers')
type Credentials = NonNullable<S3ClientConfig['credentials']>

/** Who asks for a role, and how. */
interface Asking {
  /** Default: those of the profile, else what the environment or the machine gives. */
  readonly credentials: Credentials | undefined
  readonly profile: string | undefined
  readonly region: string
  readonly requestHandler: NonNullable<S3ClientConfig['requestHandler']>
  /** The block, for errors. */
  readonly reference: string
}

/** Credentials of a role: they are asked for at the first request, and again before they expire. */
export async function credentialsOfRole({ arn, parameters }: S3Role, { credentials, profile, region, requestHandler, reference }: Asking): Promise<Credentials> {
  const { fromTemporaryCredentials, fromNodeProviderChain } = await loadLibrary(reference)
  const assume = fromTemporaryCredentials({
    params: { RoleSessionName: `spillway-${randomUUID()}`, ...parameters, RoleArn: arn },
    masterCredentials: credentials ?? fromNodeProviderChain(profile === undefined ? {} : { profile }),
    clientConfig: { region, requestHandler },
  })
  return async (properties?: Parameters<typeof assume>[0]) => {
    try {
      return await assume(properties)
    } catch (thrown) {
      const error = asError(thrown) as Error & { readonly $metadata?: { readonly httpStatusCode?: number } }
      if (error.name === 'CredentialsProviderError') throw error
      const status = error.$metadata?.httpStatusCode
      const message = `the role ${arn} cannot be assumed (${error.name}: ${error.message}); check assume_role_arn of the block ${reference}, and that its own credentials may sts:AssumeRole it`
      throw new SpillwayError('role-refused', message, { retryable: status === undefined || status >= 500 })
    }
  }
}

async function loadLibrary(reference: string): Promise<Library> {
  try {
    return await import('@aws-sdk/credential-providers')
  } catch (cause) {
    const message = `the block ${reference} assumes a role, which takes the package @aws-sdk/credential-providers: npm install @aws-sdk/credential-providers`
    throw new SpillwayError('storage-package-missing', (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND' ? message : `${message} (${asError(cause).message})`, { cause })
  }
}
