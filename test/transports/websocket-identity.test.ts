/** Over wss: both ends prove their ids by their keys, as over tls:, before anything is shown to the other side. */
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { ConnectionManager, type ManagerOptions, type PeerView } from 'qudag-connections'
import { createIdentity, type Identity, identityToPem } from 'qudag-connections/transports/tls'
import { websocket, type WebSocketOptions } from 'qudag-connections/transports/websocket'

const me = createIdentity()
const her = createIdentity({ algorithm: 'p256' })
const stranger = createIdentity()

function managerOf(options: WebSocketOptions, more: ManagerOptions = {}): ConnectionManager {
  const manager = new ConnectionManager(10, { breaker: false, ...more, transport: websocket(options) })
  onTestFinished(async () => void (await manager.shutdown()))
  return manager
}

async function listening(options: WebSocketOptions = {}, identity: Identity = her) {
  const manager = managerOf({ tls: { identity }, ...options })
  const { address } = await manager.listen('wss://127.0.0.1:0')
  return { manager, address: address.href, port: address.port }
}

const call = (peerId: string, address: string, options: WebSocketOptions = {}) =>
  managerOf({ tls: { identity: me }, ...options }, { resolve: () => address }).connect(peerId)
const viewOf = (manager: ConnectionManager, peerId: string): PeerView | undefined =>
  [...manager.peers()].find((view) => view.peerId === peerId)

test('both ends know each other by id, and by which algorithms', async () => {
  const { manager, address } = await listening()
  const connection = await call(her.peerId, address)
  expect(connection.security).toMatchObject({ protocol: 'TLSv1.3', identity: 'p256', resumed: false })
  const view = viewOf(manager, me.peerId)
  expect(view).toMatchObject({ status: 'Connected', direction: 'inbound' })
  // The listener has heard from the dialer what they agreed on.
  expect(view?.security).toEqual({ ...connection.security, identity: 'ed25519' })
  connection.send(new TextEncoder().encode('hello'))
  const back = await manager.connect(me.peerId)
  expect(back.direction).toBe('inbound')
})

test('a URL may say who is expected there, and another id answers to neither', async () => {
  const { address, port } = await listening()
  await expect(managerOf({ tls: { identity: me } }).connect(`wss://${her.peerId}@127.0.0.1:${port}/`)).resolves.toBeDefined()
  const shown: unknown[] = []
  const headers = (peerId: string): Record<string, string> => (shown.push(peerId), { authorization: 'secret' })
  for (const at of [`wss://${stranger.peerId}@127.0.0.1:${port}/`, address]) {
    const error = await call(stranger.peerId, at, { headers }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_IDENTITY_MISMATCH' })
    expect(String(error)).toContain(her.peerId)
    expect(String(error)).toContain(stranger.peerId)
  }
  // No token was made for it, let alone shown.
  expect(shown).toEqual([])
  await expect(call('ann:secret', `wss://ann:secret@127.0.0.1:${port}/`)).rejects.toMatchObject({
    code: 'ERR_DIAL_FAILED',
    cause: expect.objectContaining({ message: expect.stringContaining('must be an id') }),
  })
})

test('only those of the option allow come in, and a client without a certificate hears why it does not', async () => {
  const { address, manager } = await listening({ tls: { identity: her, allow: [stranger.peerId] } })
  await expect(call(her.peerId, address)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', reason: 'not-allowed' })
  await expect(call(her.peerId, address, { tls: { identity: stranger, allow: [me.peerId] } })).rejects.toMatchObject({ code: 'ERR_DENIED' })
  await expect(call('hub', address, { tls: { rejectUnauthorized: false } })).rejects.toMatchObject({
    code: 'ERR_REJECTED_BY_PEER',
    reason: 'no-certificate',
  })
  await expect(call(her.peerId, address, { tls: { identity: stranger } })).resolves.toBeDefined()
  expect([...manager.peers()].map(({ peerId }) => peerId)).toEqual([stranger.peerId])
})

test('the application may say no to a proven peer, and cannot give it another name', async () => {
  const said = [{ peerId: 'ann' }, false, true, { peerId: me.peerId }] as const
  let asked = 0
  const { address, manager } = await listening({ authorize: () => said[asked++] ?? false })
  for (let i = 0; i < 2; i++) await expect(call(her.peerId, address)).rejects.toMatchObject({ reason: 'denied' })
  for (let i = 0; i < 2; i++) await expect(call(her.peerId, address)).resolves.toBeDefined()
  expect([...manager.peers()].map(({ peerId }) => peerId)).toEqual([me.peerId])
})

test('another HTTPS server and an older TLS are told apart from a peer', async () => {
  const servers = [
    { minVersion: 'TLSv1.3', words: /no peer of this protocol|Parse Error/ },
    { maxVersion: 'TLSv1.2', words: /does not speak TLS 1\.3/ },
  ] as const
  for (const { words, ...versions } of servers) {
    const server = createTlsServer({ ...versions, key: identityToPem(her), cert: her.certificate }, (socket) => {
      socket.on('error', () => {}).end('220 mail.example\r\n')
    })
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const error = await call(her.peerId, `wss://127.0.0.1:${port}/`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_DIAL_FAILED', cause: expect.objectContaining({ message: expect.stringMatching(words) }) })
  }
})
