/** Arrivals by WebSocket are refused by HTTP where that can be, and those that wait to be admitted may leave. */
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Refusal } from '../../src/transports/transport.ts'
import { SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { websocket } from '../../src/transports/websocket.ts'
import { numbered, record } from './link-recorder.ts'
import { cert, key } from './localhost-certificate.ts'
import { LOOPBACK, FULL, HandClock, inPage, gate, dial, bareRequest, applicationServer } from './websocket-admission-rig.ts'

describe('a refusal by HTTP', () => {
  test.each<[number, Refusal]>([
    [401, { code: 'ERR_DENIED', reason: 'unauthorized' }],
    [403, { code: 'ERR_DENIED', reason: 'gate' }],
    [403, { code: 'ERR_SELF_DIAL', reason: 'self' }],
    [429, { code: 'ERR_RATE_LIMITED', reason: 'host-rate', retryAfterMs: 1_200 }],
    [429, { code: 'ERR_MAX_CONNECTIONS', reason: 'subnet-limit' }],
    [503, { code: 'ERR_MAX_CONNECTIONS', reason: 'inbound-limit' }],
    [503, { code: 'ERR_STOPPED', reason: 'stopped' }],
  ])('has the status %i for %o, says when to come again, and is read by other programs too', async (status, refusal) => {
    const { listener, next } = await gate()
    const socket = await bareRequest(listener)
    ;(await next()).refuse(refusal)
    const [head = '', body] = (await socket.setEncoding('utf8').toArray()).join('').split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head).toContain(`qudag-refusal: ${JSON.stringify(refusal)}`)
    if (refusal.retryAfterMs !== undefined) expect(head).toContain('retry-after: 2')
    expect(body).toContain(refusal.reason)
  })

  test('comes before the handshake where the address alone says no, and on a server of the application', async () => {
    const verdict = { code: 'ERR_RATE_LIMITED', reason: 'host-rate', retryAfterMs: 700 }
    const server = createServer()
    await applicationServer(server)
    for (const options of [{}, { server }]) {
      const { listener, arrivals } = await gate(options, LOOPBACK, { admits: () => verdict })
      await expect(dial(listener)).rejects.toMatchObject({
        code: 'ERR_REJECTED_BY_PEER',
        remoteCode: 'ERR_RATE_LIMITED',
        reason: 'host-rate',
        retryAfterMs: 700,
        message: expect.stringContaining('HTTP status 429'),
      })
      expect(arrivals).toEqual([])
    }
  })

  test('comes where the application says no, a page too: it learns nothing of who is there', async () => {
    const { listener } = await gate({ authorize: () => false })
    await expect(dial(listener)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_DENIED' })
    await expect(dial(listener, inPage())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('reaches a dialer under TLS, and so does a hello', async () => {
    const { listener, next } = await gate({ tls: { key, cert } }, 'wss://127.0.0.1:0')
    const refused = dial(listener, websocket({ tls: { ca: cert } }))
    ;(await next()).refuse(FULL)
    await expect(refused).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', reason: 'host-limit' })
    const dialling = dial(listener, websocket({ tls: { ca: cert } }))
    const far = (await next()).admit()
    const log = record(await dialling)
    far.send(numbered(1))
    await log.count(1)
    far.abort()
  })
})

describe('a peer that waits to be admitted', () => {
  test('and leaves is gone, once, and cannot be admitted any more', async () => {
    const { listener, next } = await gate()
    for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const socket = await bareRequest(listener)
      const arrival = await next()
      let gone = 0
      const left = new Promise<void>((resolve) => arrival.onGone(() => resolve(void gone++)))
      leave(socket)
      await left
      expect(() => arrival.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
      arrival.refuse(FULL)
      await new Promise<void>((resolve) => arrival.onGone(resolve))
      expect(gone).toBe(1)
    }
  })

  test('is told when the listener is closed, and so is the one that would admit it', async () => {
    const { listener, next } = await gate()
    const dialling = dial(listener)
    const arrival = await next()
    const left = new Promise<void>((resolve) => arrival.onGone(resolve))
    await Promise.all([listener.close(), left])
    await expect(dialling).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_STOPPED' })
    expect(() => arrival.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  })

  test('waits as long as it is let, and what was admitted or refused is never gone', async () => {
    const clock = new HandClock()
    const { listener, next } = await gate({ clock })
    const dialling = dial(listener)
    const arrival = await next()
    expect(clock.timers.size).toBe(0)
    let gone = 0
    arrival.onGone(() => gone++)
    const far = arrival.admit()
    expect(() => arrival.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
    const log = record(await dialling)
    far.send(numbered(1))
    await log.count(1)
    far.abort()
    await log.end()
    expect(gone).toBe(0)
  })

  test('is nobody before its request is in order', async () => {
    const { listener, arrivals } = await gate()
    const socket = connect(Number(listener.address.port), '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`)
    expect((await socket.setEncoding('utf8').toArray()).join('')).toMatch(/^HTTP\/1.1 400 .*Sec-WebSocket-Key/s)
    expect(arrivals).toEqual([])
  })
})
