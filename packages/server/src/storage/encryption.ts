import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16
const prefix = 'gcm1:'

/**
 * Encrypts a text for storage.
 *
 * @param keyHex 32 bytes as hex.
 * @param owner What the text belongs to, such as the row's id: it can be decrypted only with the same one, so that a
 *   copied column is worth nothing in another row.
 */
export function encryptText(text: string, keyHex: string, owner: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, Buffer.from(keyHex, 'hex'), iv)
  cipher.setAAD(Buffer.from(owner))
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return prefix + Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64')
}

/** @throws when the text was encrypted with another key or for another owner, or was changed. */
export function decryptText(stored: string, keyHex: string, owner: string): string {
  if (!stored.startsWith(prefix)) throw new Error('The stored text is not encrypted in a form that is known.')
  const bytes = Buffer.from(stored.slice(prefix.length), 'base64')
  const decipher = createDecipheriv(algorithm, Buffer.from(keyHex, 'hex'), bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(owner))
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8')
}
