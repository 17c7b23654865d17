/** The memory transport is a transport like the others, and its networks are apart. */
import { describe, expect, test } from 'vitest'
import { testTransport } from '../../src/testing/test-transport.ts'
import { memory, MemoryNetwork } from '../../src/transports/memory.ts'
import type { Link } from '../../src/transports/transport.ts'
import { linkContract } from './link-contract.ts'
import { record } from './link-recorder.ts'

const signal = new AbortController().signal

testTransport(
  'memory',
  () => {
    const transport = memory()
    return { dialer: transport, listener: transport, address: 'memory://hub:0' }
  },
  { describe, test },
)
linkContract('memory', () => ({ transport: memory(), address: new URL('memory://hub:0'), maxFrameBytes: 16 * 1024 * 1024 }))

test('transports of one network reach each other, and prove who they are', async () => {
  const network = new MemoryNetwork()
  const hub = memory({ network, localPeerId: 'hub' })
  const guest = memory({ network, localPeerId: 'guest' })
  const arrived = new Promise<Link>((resolve) => void hub.listen!(new URL('memory://hub'), { onLink: resolve }))
  const near = await guest.dial(new URL('memory:hub'), { peerId: 'hub', signal })
  expect([near.remotePeerId, (await arrived).remotePeerId, hub.localPeerId]).toEqual(['hub', 'guest', 'hub'])
})

test('where no id is given none is proven', async () => {
  const transport = memory()
  const arrived = new Promise<Link>((resolve) => void transport.listen!(new URL('memory://hub'), { onLink: resolve }))
  const near = await transport.dial(new URL('memory://hub/'), { peerId: 'hub', signal })
  expect(['remotePeerId' in near, 'remotePeerId' in (await arrived), 'localPeerId' in transport]).toEqual([false, false, false])
})

test('transports of two networks do not', async () => {
  await memory().listen!(new URL('memory://hub'), { onLink() {} })
  await expect(memory().dial(new URL('memory://hub'), { peerId: 'hub', signal })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a listener that asks for no name gets one of its own', async () => {
  const transport = memory()
  const { address } = await transport.listen!(new URL('memory:'), { onLink: (link) => link.abort() })
  const near = await transport.dial(address, { peerId: 'x', signal })
  expect(await record(near).end()).toEqual({ kind: 'remote' })
})

test('a message larger than the receiver allows ends the link on both sides', async () => {
  const network = new MemoryNetwork()
  const arrived = new Promise<Link>(
    (resolve) => void memory({ network, maxFrameBytes: 10 }).listen!(new URL('memory://hub'), { onLink: resolve }),
  )
  const near = await memory({ network }).dial(new URL('memory://hub'), { peerId: 'hub', signal })
  const [nearLog, farLog] = [record(near), record(await arrived)]
  near.send(new Uint8Array(11))
  expect(await farLog.end()).toMatchObject({ kind: 'error', error: { code: 'ERR_FRAME_TOO_LARGE' } })
  expect(await nearLog.end()).toMatchObject({ kind: 'error', error: { code: 'ECONNRESET' } })
})

test.each([
  [{ maxFrameBytes: 0 }, RangeError, /maxFrameBytes/],
  [{ highWaterMark: 1.5 }, RangeError, /highWaterMark/],
  [{ localPeerId: '' }, RangeError, /peerId/],
])('a wrong option is named: %o', (options, kind, words) => {
  expect(() => memory(options)).toThrow(kind)
  expect(() => memory(options)).toThrow(words)
})
