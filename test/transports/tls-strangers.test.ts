/** Strangers over TLS, at our port and at the end of a dial, are told apart, hold nothing, and keep no peer out. */
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, createServer as createTcpServer } from 'node:net'
import { connect as connectTls, type ConnectionOptions, type TlsOptions as NodeTlsOptions } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { tls } from 'qudag-connections/transports/tls'
import { forged } from './forged-certificate.ts'
import { ALPN, me, her, stranger, sockets, numberOf, listening, call, pemOf, bareClient, heardBy, bareServer } from './tls-rig.ts'

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
