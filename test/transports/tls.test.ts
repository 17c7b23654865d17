/** Over TLS peers are who they prove to be: those that are called, or nobody; what is asked wrongly is refused. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Identity, tls, type TlsOptions } from 'qudag-connections/transports/tls'
import { me, her, stranger, managerOf, listening, call, viewOf } from './tls-rig.ts'

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
