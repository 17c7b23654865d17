/** Certificates as no identity has them: expired, early, signed by another key, with a key of another type. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  bitString,
  explicit,
  generalizedTime,
  integer,
  objectIdentifier,
  sequence,
  setOf,
  utf8,
} from '../../src/transports/identity-der.ts'

export interface Forgery {
  readonly notBefore?: string
  readonly notAfter?: string
  /** Signs in place of its own key. */
  readonly signer?: KeyObject
  readonly curve?: string
  /** Has a key of RSA. */
  readonly rsa?: boolean
  /** The end of its time as it stands in the certificate, whatever that is. */
  readonly end?: string
}

/** A text of less than 128 characters under a tag of DER. */
function tagged(tag: number, text: string): Uint8Array {
  return Uint8Array.of(tag, text.length, ...Buffer.from(text))
}

/** A key and a certificate, as PEM, for `node:tls`. */
export function forged({ notBefore = '2020-01-01', notAfter = '2120-01-01', signer, curve = 'P-256', rsa = false, end }: Forgery = {}) {
  const { privateKey, publicKey } = rsa
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: curve })
  const algorithm = rsa
    ? sequence(objectIdentifier('1.2.840.113549.1.1.11'), Uint8Array.of(5, 0))
    : sequence(objectIdentifier('1.2.840.10045.4.3.2'))
  const name = sequence(setOf(sequence(objectIdentifier('2.5.4.3'), utf8('forged'))))
  const validity = sequence(
    generalizedTime(new Date(notBefore)),
    end === undefined ? generalizedTime(new Date(notAfter)) : tagged(0x18, end),
  )
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const signed = sequence(explicit(0, integer(Uint8Array.of(2))), integer(Uint8Array.of(1)), algorithm, name, validity, name, key)
  const certificate = sequence(signed, algorithm, bitString(sign('sha256', signed, signer ?? privateKey)))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    der: certificate,
  }
}
