/** A certificate and its key are read and found to fit before anything listens, or it is said which file is wrong and why. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { UsageError } from '../arguments.ts'

/** The files of a certificate and its private key. */
export interface CertificateFiles {
  readonly cert?: string
  readonly key?: string
}

/** What `wss:` listens with, as PEM. */
export interface Certificate {
  readonly cert: Buffer
  readonly key: Buffer
}

/** Whether an address is listened at with a certificate. */
const isEncrypted = (address: string): boolean => /^wss:/i.test(address)

/** What is asked of them together. @throws UsageError */
export function checkCertificate({ cert, key }: CertificateFiles, listen: readonly string[]): void {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError(`--cert and --key go together: ${cert === undefined ? '--cert' : '--key'} FILE is missing`)
  const encrypted = listen.find(isEncrypted)
  if (encrypted !== undefined && cert === undefined) throw new UsageError(`--listen ${encrypted} needs --cert FILE and --key FILE`)
  if (encrypted === undefined && cert !== undefined) throw new UsageError('--cert and --key need --listen wss://…')
}

/** Reads both files; undefined: there are none. @throws UsageError that names the file */
export function readCertificate({ cert, key }: CertificateFiles): Certificate | undefined {
  if (cert === undefined || key === undefined) return undefined
  const read = { cert: bytesOf('--cert', cert), key: bytesOf('--key', key) }
  const certificate = parsed(`--cert ${cert} holds no certificate as PEM`, () => new X509Certificate(read.cert))
  const privateKey: KeyObject = parsed(`--key ${key} holds no private key as PEM that can be read without a password`, () =>
    createPrivateKey(read.key),
  )
  if (!certificate.checkPrivateKey(privateKey)) throw new UsageError(`--key ${key} is not the key of the certificate in --cert ${cert}`)
  return read
}

function bytesOf(flag: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new UsageError(`${flag} ${file} cannot be read: ${(error as Error).message}`)
  }
}

/** The platform's own words would show what is in the file, or nothing that helps. */
function parsed<T>(complaint: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new UsageError(complaint)
  }
}
