/** Strangers over TCP, at our port and at the end of a dial, never become links; peers that are not admitted are told why. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { GREETING, PREAMBLE } from '../../src/transports/frames.ts'
import { tcp } from '../../src/transports/tcp.ts'
import type { Arrival } from '../../src/transports/transport.ts'
import { numbered, record } from './link-recorder.ts'
import { never, HandClock, frame, door, bareServer, everything } from './tcp-rig.ts'

test('a stranger that is not a peer is told so and cut, and nobody hears of it', async () => {
  const { knock, links, arrival } = await door()
  for (const words of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\0\0\0\0\0\0']) {
    const socket = await knock()
    const said = everything(socket)
    socket.write(words, 'latin1')
    expect((await said).toString()).toMatch(/qudag-connections: not a peer/)
  }
  expect(links).toEqual([])
  const peer = await knock()
  peer.write(GREETING)
  await arrival()
})

test('who connects and does not say that it is a peer is cut after the deadline; who does is not', async () => {
  const clock = new HandClock()
  const { knock, links, arrival } = await door({ clock })
  const [silent, dribbling, peer] = [await knock(), await knock(), await knock()]
  dribbling.write(PREAMBLE.subarray(0, 3))
  peer.write(GREETING)
  const link = await arrival()
  expect(clock.timers.size).toBe(2)
  const cut = [once(silent, 'close'), once(dribbling, 'close')]
  for (const socket of [silent, dribbling]) socket.resume()
  for (const fire of clock.timers.values()) fire()
  await Promise.all(cut)
  expect(links).toEqual([])
  const log = record(link)
  peer.write(frame(numbered(1)))
  await log.count(1)
})

test('closing the listener cuts those that are still at the door', async () => {
  const clock = new HandClock()
  const { listener, knock, arrival } = await door({ clock })
  const silent = await knock()
  const peer = await knock()
  peer.write(GREETING)
  await arrival()
  const cut = once(silent.resume(), 'close')
  await listener.close()
  await cut
  expect(clock.timers.size).toBe(0)
})

test('a dialled stranger never becomes a link: it fails as soon as it speaks', async () => {
  const { dialing } = await bareServer('SSH-2.0-OpenSSH_9.2\r\n')
  await expect(dialing).rejects.toMatchObject({ code: 'EPROTO', message: expect.stringContaining('"SSH-"') })
})

test('a silent server of something else is not connected to: the dial fails after the deadline, and leaves no socket', async () => {
  const clock = new HandClock()
  const { socket, dialing } = await bareServer('', { clock })
  const gone = once((await socket).resume(), 'close')
  while (clock.timers.size === 0) await new Promise(setImmediate)
  for (const fire of clock.timers.values()) fire()
  await expect(dialing).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  await gone
})

test('a listener that takes its time to admit is a peer: only who dials ends the wait', async () => {
  const clock = new HandClock()
  const { socket, dialing } = await bareServer(PREAMBLE, { clock })
  const peer = await socket
  await once(peer, 'data')
  while (clock.timers.size > 0) await new Promise(setImmediate)
  peer.write(GREETING.subarray(PREAMBLE.length))
  ;(await dialing).abort()
})

test('a peer of another version is told apart from a stranger, by who dials and by who listens', async () => {
  const { dialing } = await bareServer('QDC\x07')
  await expect(dialing).rejects.toMatchObject({ code: 'EPROTO', message: expect.stringContaining('speaks version 7') })
  // What a listener of version 1 says to whoever is not of its version.
  const old = await bareServer('qudag-connections: not a peer of this protocol\r\n')
  await expect(old.dialing).rejects.toMatchObject({ code: 'EPROTO', message: expect.stringContaining('speaks version 1') })
  const { knock, links } = await door()
  const socket = await knock()
  const said = everything(socket)
  socket.write('QDC\x01')
  const text = (await said).toString('latin1')
  expect(text.slice(0, 4)).toBe('QDC\x02')
  expect(text).toContain('"code":"ERR_VERSION"')
  expect(links).toEqual([])
})

test('a dial that is turned away is told why, and when to come again', async () => {
  const refusal = { code: 'ERR_RATE_LIMITED', reason: 'host-rate', retryAfterMs: 1_500 }
  for (const early of [true, false]) {
    const listener = await tcp().listen!(new URL('tcp://127.0.0.1:0'), {
      onLink: () => expect.unreachable(),
      onArrival: (arrival) => arrival.refuse(refusal),
      ...(early ? { admits: () => refusal } : {}),
    })
    const dialing = tcp().dial(listener.address, { peerId: 'x', signal: never() })
    await expect(dialing).rejects.toMatchObject({
      code: 'ERR_REJECTED_BY_PEER',
      remoteCode: 'ERR_RATE_LIMITED',
      reason: 'host-rate',
      retryAfterMs: 1_500,
    })
    await listener.close()
  }
})

test('what waits to be admitted is not read, and its end is told', async () => {
  const arrivals: Arrival[] = []
  const listener = await tcp().listen!(new URL('tcp://127.0.0.1:0'), {
    onLink: () => expect.unreachable(),
    onArrival: (arrival) => void arrivals.push(arrival),
  })
  const abort = new AbortController()
  const dialing = tcp().dial(listener.address, { peerId: 'x', signal: abort.signal })
  while (arrivals.length === 0) await new Promise(setImmediate)
  const gone = new Promise<void>((resolve) => arrivals[0]!.onGone(resolve))
  abort.abort(new Error('enough'))
  await expect(dialing).rejects.toThrow('enough')
  await gone
  expect(() => arrivals[0]!.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  await listener.close()
})
