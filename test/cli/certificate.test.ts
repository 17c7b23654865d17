/** The command listens encrypted with a certificate of its caller's, and says which file is wrong before anything begins. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { websocket } from 'qudag-connections/transports/websocket'
import { cert, key } from '../transports/localhost-certificate.ts'
import { RunningCommand } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'qudag-certificate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const { privateKey: otherKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const CERT = file('cert.pem', cert)
const KEY = file('key.pem', key)
const OTHER_KEY = file('other-key.pem', otherKey)
const NONSENSE = file('nonsense.pem', 'tulip')
const MISSING = join(folder, 'missing.pem')
const LISTEN = ['--listen', 'wss://127.0.0.1:0']

describe('qudag-connections run --cert FILE --key FILE', () => {
  test.each([
    ['by flags', [...LISTEN, '--cert', CERT, '--key', KEY]],
    ['by a file', ['--config', file('run.json', JSON.stringify({ listen: [LISTEN[1]], tls: { cert: CERT, key: KEY } }))]],
  ])('listens at wss:, %s, and a peer that trusts the certificate connects', async (_, args) => {
    const hub = new RunningCommand('run', ...args)
    onTestFinished(() => void hub.child.kill('SIGKILL'))
    const [address] = /wss:\S+/.exec(await hub.line(/ listening at /))!
    const manager = new ConnectionManager(2, { transport: websocket({ tls: { ca: cert } }) })

    const connection = await manager.connect(address)

    expect(connection.remoteAddress).toMatch(/^wss:/)
    await manager.shutdown()
    hub.child.kill('SIGTERM')
    expect(await hub.ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('shows the paths among the settings in force, and reads neither for that', async () => {
    const args = [...LISTEN, '--cert', MISSING, '--key', KEY, '--print-config']
    const { code, lines } = await new RunningCommand('run', ...args).ended

    expect(code).toBe(0)
    expect(JSON.parse(lines.join('\n'))).toMatchObject({ listen: [LISTEN[1]], tls: { cert: MISSING, key: KEY } })
  })

  test.each([
    ['no certificate', LISTEN, '--listen wss://127.0.0.1:0 needs --cert FILE and --key FILE'],
    ['a certificate alone', [...LISTEN, '--cert', CERT], '--cert and --key go together: --key FILE is missing'],
    ['a key alone', [...LISTEN, '--key', KEY], '--cert and --key go together: --cert FILE is missing'],
    ['nothing to encrypt', ['--listen', 'ws://127.0.0.1:0', '--cert', CERT, '--key', KEY], '--cert and --key need --listen wss://…'],
    ['a file that is not there', [...LISTEN, '--cert', MISSING, '--key', KEY], `--cert ${MISSING} cannot be read: ENOENT`],
    ['a key that is not there', [...LISTEN, '--cert', CERT, '--key', MISSING], `--key ${MISSING} cannot be read: ENOENT`],
    ['no certificate in the file', [...LISTEN, '--cert', NONSENSE, '--key', KEY], `--cert ${NONSENSE} holds no certificate as PEM`],
    ['no key in the file', [...LISTEN, '--cert', CERT, '--key', NONSENSE], `--key ${NONSENSE} holds no private key as PEM`],
    [
      'a pair that does not fit',
      [...LISTEN, '--cert', CERT, '--key', OTHER_KEY],
      `--key ${OTHER_KEY} is not the key of the certificate in`,
    ],
  ])('is refused, and says why: %s', async (_, args, words) => {
    const { code, lines, stderr } = await new RunningCommand('run', ...args).ended

    expect([code, lines]).toEqual([2, []])
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('tulip')
  })
})
