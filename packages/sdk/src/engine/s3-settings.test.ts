import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { describeS3Error, isMissing } from './s3-errors.ts'
import { settingsOfS3Bucket, settingsOfS3Path } from './s3-settings.ts'

const inFolder = (bucket_folder: string, key: string): string => settingsOfS3Bucket({ bucket_name: 'b', bucket_folder }, 's3-bucket/x').place(key)
const inPath = (basepath: string, key: string): string => settingsOfS3Path({ basepath }, 'remote-file-system/x')!.place(key)

describe('a block for S3', () => {
  test('of prefect-aws puts keys where Python does', () => {
    assert.equal(inFolder('', 'k'), 'k')
    assert.equal(inFolder('a/b', 'k'), 'a/b/k')
    assert.equal(inFolder('a//b/', './k//l'), 'a/b/k/l')
    assert.equal(inFolder('a', 'a/k'), 'a/k', 'a key that has the folder already')
    assert.equal(inFolder('a', 'ab'), 'a/ab')
    assert.equal(inFolder('/a', 'k'), '/a/k')
  })

  test('that is a path puts keys where Python does', () => {
    assert.equal(inPath('s3://b', 'k'), 'k')
    assert.equal(inPath('s3://b/', 'k'), 'k')
    assert.equal(inPath('s3://b/a/c//', '/k'), 'a/c/k')
    assert.equal(inPath('s3a://b/a', 's3://b/a/k'), 'a/k', 'a key that is a path itself')
    assert.equal(settingsOfS3Path({ basepath: 'gs://b/a' }, 'x'), undefined)
  })

  test('says how the store is reached, in the words of botocore and of s3fs', () => {
    const config = { region_name: 'eu-west-3', s3: { addressing_style: 'virtual' }, connect_timeout: 2, read_timeout: 3.5, retries: { max_attempts: 0 } }
    const bucket = settingsOfS3Bucket({ bucket_name: 'b', credentials: { profile_name: 'p', aws_client_parameters: { endpoint_url: 'https://s3.test', use_ssl: true, verify: false, config } } }, 's3-bucket/x')
    const file = settingsOfS3Path({ basepath: 's3://b', settings: { profile: 'p', client_kwargs: { endpoint_url: 'https://s3.test', verify: false }, config_kwargs: config } }, 'remote-file-system/x')!
    for (const settings of [bucket, file]) {
      const { endpoint, region, addressing, profile, plain, certificates, connectSeconds, readSeconds, attempts, credentials } = settings
      assert.deepEqual(
        { endpoint, region, addressing, profile, plain, certificates, connectSeconds, readSeconds, attempts, credentials },
        { endpoint: 'https://s3.test', region: 'eu-west-3', addressing: 'virtual', profile: 'p', plain: false, certificates: false, connectSeconds: 2, readSeconds: 3.5, attempts: 1, credentials: undefined },
      )
    }
    assert.equal(settingsOfS3Path({ basepath: 's3://b', settings: { anon: true, key: 'k', secret: 's' } }, 'x')?.credentials, 'none')
  })

  test('says which role is to be assumed, and what Python has left open is not said', () => {
    const role = { assume_role_arn: 'arn:aws:iam::123456789012:role/results', assume_role_kwargs: { ExternalId: 'x', DurationSeconds: null } }
    assert.deepEqual(settingsOfS3Bucket({ bucket_name: 'b', credentials: role }, 'x').role, { arn: role.assume_role_arn, parameters: { ExternalId: 'x' } })
    assert.equal(settingsOfS3Bucket({ bucket_name: 'b', credentials: {} }, 'x').role, undefined)
  })

  test('shows its secrets to nobody', () => {
    const aws = { aws_access_key_id: 'the-id', aws_secret_access_key: 'aws-secret', aws_session_token: 'aws-token' }
    const blocks = [
      settingsOfS3Bucket({ bucket_name: 'b', credentials: aws }, 'x'),
      settingsOfS3Bucket({ bucket_name: 'b', credentials: { minio_root_user: 'the-id', minio_root_password: 'minio-secret' } }, 'x'),
      settingsOfS3Path({ basepath: 's3://b', settings: { key: 'the-id', secret: 'path-secret', token: 'path-token' } }, 'x'),
      settingsOfS3Path({ basepath: 's3://b', settings: { client_kwargs: aws } }, 'x'),
    ]
    for (const settings of blocks) {
      const shown = `${inspect(settings, { depth: 9, showHidden: true })}${JSON.stringify(settings)}`
      assert.match(shown, /the-id/)
      assert.doesNotMatch(shown, /secret'|-secret|-token/)
    }
  })

  test('that cannot be used says why', () => {
    assert.throws(() => settingsOfS3Bucket({}, 's3-bucket/x'), { code: 'storage-unsupported', message: 'results cannot be kept in the block s3-bucket/x: it has no bucket_name' })
    assert.throws(() => settingsOfS3Bucket({ bucket_name: 'b', credentials: { aws_access_key_id: 'k' } }, 's3-bucket/x'), /its credentials lack the secret/)
  })
})

describe('an error of S3', () => {
  const about = { bucket: 'b', reference: 's3-bucket/x', endpoint: 'http://name:endpoint-password@s3.test:9000/' }
  const error = (name: string, httpStatusCode?: number): Error => Object.assign(new Error('as the store says'), { name, $metadata: { httpStatusCode } })

  test('says what to do next, and whether to try again', () => {
    const cases: [Error, RegExp, boolean][] = [
      [error('NoSuchBucket', 404), /^there is no bucket 'b'; make it/, false],
      [error('AccessDenied', 403), /need s3:GetObject, s3:PutObject and, for keys that do not exist, s3:ListBucket$/, false],
      [error('ExpiredToken', 400), /does not take the credentials \(ExpiredToken: as the store says\); correct those of the block s3-bucket\/x$/, false],
      [error('CredentialsProviderError'), /set those of the block s3-bucket\/x, or AWS_ACCESS_KEY_ID/, false],
      [error('SlowDown', 503), /^s3\.test:9000 answered 503 \(SlowDown: as the store says\)$/, true],
      [error('MalformedXML', 400), /^s3\.test:9000 answered 400/, false],
      [Object.assign(new Error(''), { name: 'ECONNREFUSED' }), /^s3\.test:9000 cannot be reached, or broke off \(ECONNREFUSED\); check endpoint_url/, true],
    ]
    for (const [thrown, why, retryable] of cases) {
      const described = describeS3Error(thrown, about)
      assert.match(described.why, why)
      assert.equal(described.retryable, retryable, thrown.name)
      assert.doesNotMatch(described.why, /endpoint-password/)
    }
  })

  test('is a missing result only where there is a bucket', () => {
    assert.equal(isMissing(error('NoSuchKey', 404)), true)
    assert.equal(isMissing(error('UnknownError', 404)), true)
    assert.equal(isMissing(error('NoSuchBucket', 404)), false)
    assert.equal(isMissing(new Error('other')), false)
  })
})
