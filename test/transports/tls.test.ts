/** Who answers and who comes is known by proof, and whatever is no peer is refused by a name, harms nobody, and leaves nothing. */
import { fork } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions, createServer as createTlsServer, type TlsOptions as NodeTlsOptions } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionManager, type ManagerOptions, type PeerView } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { createIdentity, type Identity, identityToPem, tls, type TlsOptions } from 'qudag-connections/transports/tls'
import { forged } from './forged-certificate.ts'

const ALPN = 'qudag-connections/2'
const me = createIdentity()
const her = createIdentity({ algorithm: 'p256' })
const stranger = createIdentity()

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
const numberOf = (socket: { readonly port: number } | string | null): number => (socket as { readonly port: number }).port

function managerOf(options: TlsOptions, more: ManagerOptions = {}): ConnectionManager {
  const manager = new ConnectionManager(10, { ...more, transport: tls(options) })
  onTestFinished(async () => void (await manager.shutdown()))
  return manager
}

/** She listens, by her identity. */
async function listening(options: Partial<TlsOptions> = {}, more: ManagerOptions = {}) {
  const manager = managerOf({ identity: her, ...options }, more)
  const listener = await manager.listen('tls://127.0.0.1:0')
  return { manager, port: Number(listener.address.port), address: listener.address.href }
}

/** What I get from calling an id at a port. */
function call(peerId: string, port: number, options: Partial<TlsOptions> = {}) {
  const manager = managerOf({ identity: me, ...options }, { resolve: () => `tls://127.0.0.1:${port}`, breaker: false })
  return manager.connect(peerId)
}

const viewOf = (manager: ConnectionManager, peerId: string): PeerView | undefined =>
  [...manager.peers()].find((view) => view.peerId === peerId)
const pemOf = (identity: Identity): ConnectionOptions => ({ key: identityToPem(identity), cert: identity.certificate })

/** A client of `node:tls` without a line of ours: what it hears until the end, or the error that it ends with. */
async function bareClient(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [ALPN], servername: '', ...options })
  return heardBy(socket)
}

function heardBy(socket: Socket): Promise<string> {
  onTestFinished(() => void socket.destroy())
  let heard = ''
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(heard === '' ? String(error.code) : heard))
    socket.on('close', () => resolve(heard))
  })
}

async function bareServer(options: NodeTlsOptions): Promise<number> {
  const server = createTlsServer(options, (socket) => socket.on('error', () => {}).write('220 mail.example\r\n'))
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return numberOf(server.address())
}

describe('two peers that prove who they are', () => {
  test('know each other by id, both ways, and by which algorithms', async () => {
    const { manager, port } = await listening()
    const connection = await call(her.peerId, port)
    expect(connection.peerId).toBe(her.peerId)
    expect(connection.security).toMatchObject({ protocol: 'TLSv1.3', identity: 'p256', resumed: false })
    expect(connection.security?.cipher).toMatch(/^TLS_/)
    expect(connection.security?.postQuantum).toEqual({
      keyAgreement: connection.security?.keyAgreement === 'X25519MLKEM768',
      identity: false,
    })
    const view = viewOf(manager, me.peerId)
    expect(view).toMatchObject({ status: 'Connected', direction: 'inbound', peerId: me.peerId })
    // The listener has heard from the dialer what they agreed on.
    expect(view?.security).toEqual({ ...connection.security, identity: 'ed25519' })
    expect(JSON.stringify(view)).not.toContain('PRIVATE')
    await connection.close()
    expect(connection.security).toBeUndefined()
    expect(viewOf(manager, me.peerId)?.security).toBeUndefined()
  })

  test('have one link, however they meet: the inbound one is used for a connect', async () => {
    const { manager, port } = await listening()
    await call(her.peerId, port)
    const back = await manager.connect(me.peerId)
    expect(back.direction).toBe('inbound')
    expect([...manager.peers()].filter(({ status }) => status === 'Connected')).toHaveLength(1)
  })

  test('are denied by id as they come', async () => {
    const { port } = await listening({}, { deny: [me.peerId] })
    await expect(call(her.peerId, port)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_DENIED', reason: 'denied' })
  })

  test('may be only those of the option allow, at either end', async () => {
    const { port } = await listening({ allow: [stranger.peerId] })
    await expect(call(her.peerId, port)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', reason: 'not-allowed' })
    await expect(call(her.peerId, port, { identity: stranger, allow: () => false })).rejects.toMatchObject({ code: 'ERR_DENIED' })
    await expect(call(her.peerId, port, { identity: stranger, allow: (id) => id === her.peerId })).resolves.toBeDefined()
  })

  test('may be called by a URL that says who is expected there', async () => {
    const { port } = await listening()
    const manager = managerOf({ identity: me })
    const right = `tls://${her.peerId}@127.0.0.1:${port}`
    expect((await manager.connect(right)).remoteAddress).toBe(`tls://127.0.0.1:${port}`)
    const wrong = `tls://${stranger.peerId}@127.0.0.1:${port}`
    await expect(manager.connect(wrong)).rejects.toMatchObject({ code: 'ERR_IDENTITY_MISMATCH', peerId: wrong })
    await expect(manager.connect(`tls://alice@127.0.0.1:${port}`)).rejects.toThrow(/before the @ of a tls address must be an id/)
  })
})

describe('who is not who was called', () => {
  test('is a mismatch that names the expected and the found id', async () => {
    const { manager, port } = await listening()
    const error = await call(stranger.peerId, port).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ERR_IDENTITY_MISMATCH',
      peerId: stranger.peerId,
      message: `tls://127.0.0.1:${port} is '${her.peerId}', not '${stranger.peerId}'`,
    })
    expect(manager.metrics.connections).toBe(0)
  })

  test('is a man in the middle, who has no key but his own, and is told so apart', async () => {
    const { manager, port } = await listening()
    const script = fileURLToPath(new URL('man-in-the-middle.mjs', import.meta.url))
    const man = fork(script, [String(port)], { execArgv: [] })
    onTestFinished(() => void man.kill('SIGKILL'))
    const [{ port: his, peerId }] = (await once(man, 'message')) as [{ readonly port: number; readonly peerId: string }]
    await expect(call(her.peerId, his)).rejects.toMatchObject({
      code: 'ERR_IDENTITY_MISMATCH',
      message: `tls://127.0.0.1:${his} is '${peerId}', not '${her.peerId}'`,
    })
    // He may be a peer under his own name, and never under mine.
    expect(viewOf(manager, me.peerId)).toBeUndefined()
  })
})

describe('a stranger at our port', () => {
  const { privateKey: another } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const REFUSED: readonly (readonly [what: string, options: ConnectionOptions, heard: RegExp | string])[] = [
    ['that shows no certificate', {}, /"code":"ERR_DENIED","reason":"no-certificate"/],
    ['whose certificate has expired', forged({ notAfter: '2021-01-01' }), /"reason":"certificate-expired"/],
    ['whose certificate is not in force yet', forged({ notBefore: '2110-01-01' }), /"reason":"certificate-early"/],
    ['whose certificate another key has signed', forged({ signer: another }), /"reason":"certificate-signature"/],
    ['whose key is of another curve', forged({ curve: 'P-384' }), /"reason":"certificate-key"/],
    ['whose key is of another type', forged({ rsa: true }), /"reason":"certificate-key"/],
    ['whose certificate has an end that is no time', forged({ end: '99991399999999Z' }), /"reason":"certificate-expired"|^ERR_SSL/],
    ['that speaks TLS 1.2', { ...pemOf(me), maxVersion: 'TLSv1.2' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['of another protocol', { ...pemOf(me), ALPNProtocols: ['h2'] }, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'],
    [
      'of the next version of ours',
      { ...pemOf(me), ALPNProtocols: ['qudag-connections/3'] },
      'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    ],
    ['that names no protocol', { ALPNProtocols: [] }, 'qudag-connections: not a peer of this protocol\r\n'],
  ]
  test.each(REFUSED)('%s is told so, and takes nothing', async (_what, options, heard) => {
    const { manager, port } = await listening()
    expect(await bareClient(port, options)).toMatch(heard)
    expect(manager.metrics.connections).toBe(0)
    expect([...manager.peers()]).toEqual([])
    await expect(call(her.peerId, port)).resolves.toBeDefined()
  })

  test('that speaks no TLS at all is cut', async () => {
    const { port } = await listening()
    const socket = connectTcp(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(await heardBy(socket)).toBe('')
  })

  test('that replays a session of before without its certificate proves nobody', async () => {
    const { manager, port } = await listening()
    const first = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [ALPN], servername: '', ...pemOf(me) })
    const sessions: Buffer[] = []
    first.on('session', (session) => sessions.push(session)).on('error', () => {})
    onTestFinished(() => void first.destroy())
    await once(first, 'secureConnect')
    // Said hello to, the peer answers, and any ticket comes before that.
    first.write(Buffer.from('5144430280000002 7b7d'.replace(' ', ''), 'hex'))
    await once(first, 'data')
    for (const session of [...sessions, first.getSession()!]) {
      expect(await bareClient(port, { session })).toMatch(/"reason":"(?:no-certificate|resumed)"/)
    }
    expect([...manager.peers()].map(({ peerId }) => peerId)).toEqual([me.peerId])
  })

  test('by the hundred, in the middle of a handshake, keeps no peer out, and the oldest yields', async () => {
    const { manager, port } = await listening({ maxHandshakes: 20 })
    const before = sockets()
    const closed: Promise<unknown>[] = []
    for (let i = 0; i < 300; i++) {
      const socket = connectTcp(port, '127.0.0.1')
      socket.on('error', () => {})
      onTestFinished(() => void socket.destroy())
      closed.push(new Promise((resolve) => void socket.on('close', resolve)))
      await once(socket, 'connect')
      // A record that announces a hello, and the beginning of it.
      socket.write(Buffer.from('16030102000100', 'hex'))
    }
    await Promise.all(closed.slice(0, 200))
    expect(manager.metrics.connections).toBe(0)
    await expect(call(her.peerId, port)).resolves.toBeDefined()
    expect(sockets() - before).toBeLessThan(300)
  })

  test('that is gone in the middle of a handshake leaves no socket', async () => {
    const { port } = await listening()
    const before = sockets()
    const socket = connectTcp(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.end(Buffer.from('16030102000100', 'hex')).resume()
    await once(socket, 'close')
    while (sockets() > before) await new Promise((resolve) => void setImmediate(resolve))
  })
})

describe('a dial that finds a stranger', () => {
  test('says that it speaks TLS, but is no peer', async () => {
    const port = await bareServer(pemOf(stranger) as NodeTlsOptions)
    await expect(call(stranger.peerId, port)).rejects.toThrow(
      /is not a peer: it speaks TLS, but not qudag-connections\/2: another server listens there/,
    )
  })

  test('says that it knows another protocol only', async () => {
    const port = await bareServer({ ...(pemOf(stranger) as NodeTlsOptions), ALPNProtocols: ['h2'] })
    await expect(call(stranger.peerId, port)).rejects.toThrow(/it speaks TLS, but is not a peer of this version of the protocol/)
  })

  test('says that it speaks no TLS 1.3', async () => {
    const port = await bareServer({ ...(pemOf(stranger) as NodeTlsOptions), maxVersion: 'TLSv1.2' })
    await expect(call(stranger.peerId, port)).rejects.toThrow(/it does not speak TLS 1.3/)
  })

  test('says that it speaks no TLS: a tcp: listener is one', async () => {
    const manager = new ConnectionManager(10, { transport: tcp() })
    onTestFinished(async () => void (await manager.shutdown()))
    const { address } = await manager.listen('tcp://127.0.0.1:0')
    await expect(call(her.peerId, Number(address.port))).rejects.toThrow(/does not speak TLS: is it a tcp: listener, or another server\?/)
  })

  test('says that it shows an expired certificate', async () => {
    const { key, cert } = forged({ notAfter: '2021-01-01' })
    const port = await bareServer({ key, cert, ALPNProtocols: [ALPN] })
    await expect(call(her.peerId, port)).rejects.toThrow(/is not a peer: its certificate ended at/)
  })

  test('is over when it says nothing for too long, and when nobody wants it any more', async () => {
    const server = createTcpServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const before = sockets()
    await expect(call(her.peerId, numberOf(server.address()), { handshakeTimeoutMs: 30 })).rejects.toThrow(
      /did not end the TLS handshake within 30 ms/,
    )
    const controller = new AbortController()
    const dialing = tls({ identity: me }).dial(new URL(`tls://127.0.0.1:${numberOf(server.address())}`), {
      peerId: her.peerId,
      signal: controller.signal,
    })
    controller.abort(new Error('enough'))
    await expect(dialing).rejects.toThrow('enough')
    // What is left is the stranger's own end.
    while (sockets() > before + 2) await new Promise((resolve) => void setImmediate(resolve))
  })
})

describe('what is asked wrongly', () => {
  test('is refused by name before anything is dialled', () => {
    expect(() => tls({ identity: {} as Identity })).toThrow(/identity must be one of createIdentity, identityFromPem or loadIdentity/)
    expect(() => tls({ identity: me, requirePostQuantum: true })).toThrow(
      /requirePostQuantum needs an identity of ml-dsa-65, this one is ed25519/,
    )
    expect(() => tls({ identity: me, allow: ['alice'] })).toThrow(/allow must hold ids as identity.peerId has them, .* got 'alice'/)
    expect(() => tls({ identity: me, highWaterMark: 0 })).toThrow(/highWaterMark/)
    expect(() => tls({ identity: me, alow: [] } as TlsOptions)).toThrow(/alow/)
  })
})
