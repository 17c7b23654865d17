/** Over TCP the contract holds; names are resolved, a listener is on loopback unless told otherwise, and a wrong option is named. */
import { expect, onTestFinished, test } from 'vitest'
import { tcp } from '../../src/transports/tcp.ts'
import type { Link } from '../../src/transports/transport.ts'
import { linkContract } from './link-contract.ts'
import { MIB, LOOPBACK, never, door } from './tcp-rig.ts'

linkContract('tcp', () => ({ transport: tcp(), address: LOOPBACK, maxFrameBytes: 16 * MIB }))

test('a name is dialled through the resolver, and failures are the platform’s own', async () => {
  const { listener, arrival } = await door()
  const near = await tcp().dial(new URL(`tcp://localhost:${listener.address.port}`), { peerId: 'x', signal: never() })
  expect(near.remoteAddress).toBe(listener.address.href)
  expect((await arrival()).remoteAddress).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
  near.abort()
  await listener.close()
  const dial = (address: string) => tcp().dial(new URL(address), { peerId: 'x', signal: never() })
  await expect(dial(listener.address.href)).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' })
  await expect(dial('tcp://127.0.0.1')).rejects.toThrow(/needs a host and a port/)
  await expect(dial('tcp://127.0.0.1:0')).rejects.toBeInstanceOf(TypeError)
})

test('an IPv4 side of a listener on all addresses has its IPv4 address', async () => {
  let arrive: (link: Link) => void = () => {}
  const arrived = new Promise<Link>((resolve) => {
    arrive = resolve
  })
  const listener = await tcp().listen!(new URL('tcp://[::ffff:127.0.0.1]:0'), { onLink: (link) => arrive(link) })
  onTestFinished(() => listener.close())
  const near = await tcp().dial(new URL(`tcp://127.0.0.1:${listener.address.port}`), { peerId: 'x', signal: never() })
  onTestFinished(() => near.abort())
  expect((await arrived).remoteAddress).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
})

test('a listener is on loopback unless told otherwise', async () => {
  const listener = await tcp().listen!(new URL('tcp:'), { onLink() {} })
  expect(listener.address.hostname).toBe('127.0.0.1')
  await listener.close()
})

test.each([
  [{ maxFrameBytes: 0 }, /maxFrameBytes/],
  [{ maxFrameBytes: 2 ** 29 }, /maxFrameBytes/],
  [{ highWaterMark: -1 }, /highWaterMark/],
  [{ keepAliveMs: -1 }, /keepAliveMs/],
  [{ handshakeTimeoutMs: 0 }, /handshakeTimeoutMs/],
])('a wrong option is named: %o', (options, words) => {
  expect(() => tcp(options)).toThrow(RangeError)
  expect(() => tcp(options)).toThrow(words)
})
