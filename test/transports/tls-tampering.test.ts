/** Whatever is changed, broken or made up on the way of a TLS connection proves nobody, harms nobody, and leaves nothing. */
import { fork } from 'node:child_process'
import { createHash, createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { createIdentity, identityToPem, tls } from 'qudag-connections/transports/tls'
import { idOfKey } from '../../src/transports/identity-algorithm.ts'
import { forged } from './forged-certificate.ts'

const ALPN = 'qudag-connections/2'
const me = createIdentity()
const her = createIdentity({ algorithm: 'p256' })
/** Each run is some real handshakes. */
const RUNS = 40

async function listening() {
  const errors: unknown[] = []
  const manager = new ConnectionManager(20, { transport: tls({ identity: her }), rate: false, onError: (error) => void errors.push(error) })
  onTestFinished(async () => void (await manager.shutdown()))
  const { address } = await manager.listen('tls://127.0.0.1:0')
  return { manager, errors, port: Number(address.port) }
}

function call(port: number) {
  const manager = new ConnectionManager(2, { transport: tls({ identity: me }), resolve: () => `tls://127.0.0.1:${port}`, breaker: false })
  onTestFinished(async () => void (await manager.shutdown()))
  return manager.connect(her.peerId)
}

const over = (socket: Socket): Promise<void> =>
  new Promise(
    (resolve) =>
      void socket
        .on('error', () => {})
        .on('close', () => resolve())
        .resume(),
  )
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

describe('a relay in another process', () => {
  async function relay(port: number) {
    const man = fork(fileURLToPath(new URL('relay-that-swaps.mjs', import.meta.url)), [String(port)], { execArgv: [] })
    onTestFinished(() => void man.kill('SIGKILL'))
    const [at] = (await once(man, 'message')) as [number]
    const tell = async (swaps: boolean): Promise<void> => {
      man.send(swaps)
      await once(man, 'message')
    }
    return { at, tell }
  }

  test('that passes everything on proves nothing of its own, and ends the link when it swaps a byte: no changed message arrives', async () => {
    const { manager, port } = await listening()
    const { at, tell } = await relay(port)
    const connection = await call(at)
    expect(connection.peerId).toBe(her.peerId)
    const heard: string[] = []
    manager.messages$.subscribe(({ data }) => heard.push(new TextDecoder().decode(data)))
    const first = new Promise<void>((resolve) => void manager.messages$.subscribe(() => resolve()))
    connection.send(new TextEncoder().encode('as it was'))
    await first
    await tell(true)
    connection.send(new TextEncoder().encode('to be changed'))
    expect(await connection.closed).toMatchObject({ kind: 'error' })
    expect(heard).toEqual(['as it was'])
  })

  test('that swaps a byte of the handshake gives no link, and the next one is as good as ever', async () => {
    const { manager, port } = await listening()
    const { at, tell } = await relay(port)
    await tell(true)
    await expect(call(at)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' })
    await tell(false)
    await expect(call(at)).resolves.toBeDefined()
    expect(manager.metrics.connections).toBe(1)
  })
})

test('a certificate with any bytes changed is refused, by OpenSSL or by us, or proves the key that it has', async () => {
  const { manager, errors, port } = await listening()
  const good = forged()
  const publicKey = createPublicKey(good.key)
  const change = fc.record({ at: fc.nat(good.der.length - 1), to: fc.nat(255) })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const der = Buffer.from(good.der)
      for (const { at, to } of changes) der[at] = to
      let secureContext: SecureContext
      try {
        const cert = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
        secureContext = createSecureContext({ key: good.key, cert })
      } catch {
        return
      }
      const socket = connectTls({
        port,
        host: '127.0.0.1',
        secureContext,
        rejectUnauthorized: false,
        ALPNProtocols: [ALPN],
        servername: '',
      })
      let heard = ''
      socket.on('error', () => {}).on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
      socket.write(Buffer.from('51444302800000027b7d', 'hex'))
      await new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
      socket.destroy()
      const proven = [...manager.peers()].filter(({ status }) => status === 'Connected').map(({ peerId }) => peerId)
      if (!/"reason":"certificate-/.test(heard)) for (const peerId of proven) expect(peerId).toBe(idOfKey(publicKey))
    }),
    { numRuns: RUNS },
  )
  expect(errors).toEqual([])
  await expect(call(port)).resolves.toBeDefined()
})

test('the hello of TLS may be anything: whoever sends it is gone, and peers come in as ever', async () => {
  const { manager, errors, port } = await listening()
  const hello = await realHello()
  const before = sockets()
  const change = fc.record({ at: fc.nat(hello.length - 1), to: fc.nat(255) })
  const made = fc.oneof(
    { arbitrary: fc.uint8Array({ maxLength: 600 }), weight: 1 },
    {
      arbitrary: fc.tuple(fc.array(change, { maxLength: 6 }), fc.integer({ min: 1, max: hello.length })).map(([changes, length]) => {
        const bytes = Uint8Array.from(hello)
        for (const { at, to } of changes) bytes[at] = to
        return bytes.subarray(0, length)
      }),
      weight: 3,
    },
  )
  await fc.assert(
    fc.asyncProperty(made, async (bytes) => {
      const socket = connectTcp(port, '127.0.0.1')
      const gone = over(socket)
      socket.end(bytes)
      await gone
    }),
    { numRuns: RUNS * 2 },
  )
  expect(errors).toEqual([])
  expect([...manager.peers()]).toEqual([])
  while (sockets() > before) await new Promise((resolve) => setImmediate(resolve))
  await expect(call(port)).resolves.toBeDefined()
})

test('our hello inside TLS may be anything: what it says of the key agreement is believed only where it can be so', async () => {
  const { manager, errors, port } = await listening()
  const words = fc.oneof(
    fc.json(),
    fc.string(),
    fc.string().map((keyAgreement) => JSON.stringify({ keyAgreement })),
  )
  const said = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    words.map(helloOf),
  )
  const identity = { key: identityToPem(me), cert: me.certificate }
  await fc.assert(
    fc.asyncProperty(said, async (bytes) => {
      const socket = connectTls({ ...identity, port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [ALPN], servername: '' })
      const gone = over(socket)
      await once(socket, 'secureConnect')
      socket.end(bytes)
      await gone
      for (const { peerId, security } of manager.peers()) {
        expect(peerId).toBe(me.peerId)
        if (security !== undefined) expect(['X25519', 'X25519MLKEM768', 'unknown']).toContain(security.keyAgreement)
      }
    }),
    { numRuns: RUNS },
  )
  expect(errors).toEqual([])
  await expect(call(port)).resolves.toBeDefined()
})

test('an id is the hash of the key as OpenSSL writes it, and of nothing else', () => {
  const { key } = forged()
  const digest = createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest()
  const bits = Array.from(digest, (byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .padEnd(260, '0')
  const text = Array.from(
    { length: 52 },
    (_, i) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)],
  ).join('')
  expect(idOfKey(createPublicKey(key))).toBe(text)
})

/** Preamble and a hello with that text. */
function helloOf(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = Buffer.alloc(8)
  head.write('QDC\u0002', 'latin1')
  head.writeUInt32BE(0x80000000 + payload.length, 4)
  return Buffer.concat([head, payload])
}

/** The first bytes of a real client. */
async function realHello(): Promise<Buffer> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  const client = connectTls({ port, host: '127.0.0.1', ALPNProtocols: [ALPN], servername: '', rejectUnauthorized: false }).on(
    'error',
    () => {},
  )
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [hello] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  socket.destroy()
  return hello
}
