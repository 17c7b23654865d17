/** Identities: what is printed, what is written, what a file must be, and what is never shown. */
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createIdentity, identityFromPem, identityToPem } from '../../src/transports/identity.ts'
import { isIdentityId } from '../../src/transports/identity-algorithm.ts'
import { integer, objectIdentifier, sequence } from '../../src/transports/identity-der.ts'
import { loadIdentity, saveIdentity } from '../../src/transports/identity-file.ts'

const ALGORITHMS = ['ed25519', 'p256'] as const

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'qudag-identity-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

describe.each(ALGORITHMS)('an %s identity', (algorithm) => {
  test('is named by the SHA-256 of its SubjectPublicKeyInfo, in base32 that fits a DNS label and a URL', () => {
    const { peerId, certificate } = createIdentity({ algorithm })
    const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
    const bits = [...createHash('sha256').update(spki).digest()].map((byte) => byte.toString(2).padStart(8, '0')).join('')
    const text = bits
      .match(/.{1,5}/g)!
      .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
      .join('')
    expect(peerId).toBe(text)
    expect(peerId).toMatch(/^[a-z2-7]{52}$/)
    expect(isIdentityId(peerId)).toBe(true)
    expect(new URL(`tls://${peerId}@127.0.0.1:7000`).username).toBe(peerId)
  })

  test('has a certificate that it has signed itself, good for clocks that are wrong, without an end', () => {
    const certificate = new X509Certificate(createIdentity({ algorithm }).certificate)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkIssued(certificate)).toBe(true)
    expect(new Date(certificate.validFrom).getUTCFullYear()).toBe(2000)
    expect(new Date(certificate.validTo).getUTCFullYear()).toBe(9999)
  })

  test('comes back from its file, which nobody else can read, as the same', async () => {
    const file = join(await folder(), 'peer.pem')
    const made = createIdentity({ algorithm })
    await saveIdentity(file, made)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const { peerId, algorithm: found } = await loadIdentity(file)
    expect([peerId, found]).toEqual([made.peerId, algorithm])
  })

  test('never shows its key: as JSON, in a log, in an inspector it is its id', () => {
    const identity = createIdentity({ algorithm })
    const secret = identityToPem(identity).split('\n')[1]!
    const shown = [JSON.stringify(identity), inspect(identity, { showHidden: true, depth: 9 }), JSON.stringify({ ...identity })]
    for (const text of shown) expect(text).not.toContain(secret)
    expect(JSON.parse(shown[0]!)).toEqual({ peerId: identity.peerId, algorithm })
    expect(shown[1]).toBe(`Identity(${algorithm} ${identity.peerId})`)
  })
})

test('a file that others can read is refused with the command that mends it', async () => {
  const file = join(await folder(), "it's mine.pem")
  await saveIdentity(file, createIdentity())
  await chmod(file, 0o640)
  const command = `chmod 600 '${file.replace("'", String.raw`'\''`)}'`
  await expect(loadIdentity(file)).rejects.toThrow(`${file} is not its owner's alone (mode 0640); run: ${command}`)
})

test('a key is not written over', async () => {
  const file = join(await folder(), 'peer.pem')
  await saveIdentity(file, createIdentity())
  const before = await readFile(file)
  await expect(saveIdentity(file, createIdentity())).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await readFile(file)).toEqual(before)
})

test('what is no key of an identity is refused, and not shown', async () => {
  const file = join(await folder(), 'peer.pem')
  await writeFile(file, 'my secret words', { mode: 0o600 })
  const error = await loadIdentity(file).then(String, (thrown: Error) => thrown)
  expect(inspect(error)).toMatch(/holds no private key that can be read here/)
  expect(inspect(error)).not.toContain('my secret words')
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  expect(() => identityFromPem(p384)).toThrow(/an identity is one of ed25519, p256, ml-dsa-65; this key is ec/)
  expect(() => createIdentity({ algorithm: 'rsa' as 'p256' })).toThrow('algorithm must be one of ed25519, p256, ml-dsa-65, got rsa')
})

test('where the platform does not know ML-DSA, it is said what would', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 7)) expect(createIdentity({ algorithm: 'ml-dsa-65' }).algorithm).toBe('ml-dsa-65')
  else
    expect(() => createIdentity({ algorithm: 'ml-dsa-65' })).toThrow(/ml-dsa-65 needs Node 24.7 or newer, this is v.*; ed25519 works here/)
})

describe('DER', () => {
  test('has the lengths and numbers of X.690', () => {
    expect(integer(Uint8Array.of(0, 0)).toString('hex')).toBe('020100')
    expect(integer(Uint8Array.of(0, 0x80)).toString('hex')).toBe('02020080')
    expect(objectIdentifier('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302')
    expect(objectIdentifier('2.16.840.1.101.3.4.3.18').toString('hex')).toBe('0609608648016503040312')
  })

  test('says how long anything is in as few bytes as it takes', () => {
    fc.assert(
      fc.property(fc.nat(70_000), (length) => {
        const coded = sequence(Buffer.alloc(length))
        const first = coded[1]!
        const more = first < 0x80 ? 0 : first & 0x7f
        expect(coded.length).toBe(2 + more + length)
        expect(more === 0 ? first : coded.readUIntBE(2, more)).toBe(length)
        expect(more).toBe(length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3)
      }),
    )
  })
})
