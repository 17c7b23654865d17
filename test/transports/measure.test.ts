/** Round trips of a link are measured without a promise or a signal: they are asked for often, of every link. */
import { setMaxListeners } from 'node:events'
import { firstValueFrom } from 'rxjs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from '../../src/transports/tcp.ts'
import { controlFrame, FrameKind, GREETING } from '../../src/transports/frames.ts'
import { bareDialer, door } from './tcp-rig.ts'

function listening() {
  const heard: number[] = []
  return { heard, listener: { pong: (ms: number) => void heard.push(ms) } }
}

const pong = (id: number): Uint8Array => controlFrame(FrameKind.Pong, id)

test('a peer over TCP is dialled, measured, pooled and closed, and no AbortController is made', async () => {
  const Controller = AbortController
  let made = 0
  vi.stubGlobal(
    'AbortController',
    class extends Controller {
      constructor() {
        super()
        made++
      }
    },
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  const hub = new ConnectionManager(10, { transport: tcp() })
  hub.messages$.subscribe(({ peerId, data }) => hub.get(peerId)?.send(data))
  const { address } = await hub.listen('tcp://127.0.0.1:0')
  const manager = new ConnectionManager(10, { transport: tcp() })
  const connection = await manager.connect(address.href)
  // What comes back comes behind the pong.
  const answered = firstValueFrom(connection.messages$)
  connection.send(Uint8Array.of(1))
  await answered
  expect(connection.latency).toBeGreaterThan(0)
  await manager.disconnect(connection.peerId)
  await manager.connect(connection.peerId)
  await manager.disconnect(connection.peerId, { pool: false })
  expect(made).toBe(0)
  await Promise.all([manager.shutdown(), hub.shutdown()])
})

test('a pong answers all pings before it, each with its own round trip, and the last listener hears of its own alone', async () => {
  const [socket, link] = await bareDialer()
  const [early, late] = [listening(), listening()]
  link.measure!(early.listener)
  link.measure!(late.listener)
  link.measure!(late.listener)
  const asked = link.ping!(new AbortController().signal)
  socket.write(Buffer.concat([pong(3), pong(4)]))
  expect(await asked).toBeGreaterThanOrEqual(0)
  expect(early.heard).toEqual([])
  expect(late.heard).toHaveLength(2)
  // Pongs that nobody waits for any more say nothing.
  socket.write(pong(1))
  await link.ping!(AbortSignal.abort('gone')).catch(() => {})
  expect(late.heard).toHaveLength(2)
})

test('pings that are never answered are forgotten with their listener, and a caller’s are not', async () => {
  const [, link] = await bareDialer()
  for (let i = 0; i < 100; i++) link.measure!(listening().listener)
  const abort = new AbortController()
  setMaxListeners(0, abort.signal)
  const asked = Array.from({ length: 63 }, () => link.ping!(abort.signal).catch((error: unknown) => error))
  const last = listening().listener
  link.measure!(last)
  expect(() => link.measure!(last)).toThrow(RangeError)
  abort.abort('enough')
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['enough']))
  link.measure!(last)
})

test('a link that is over throws ERR_NOT_CONNECTED, and tells its listener nothing', async () => {
  const { knock, arrival } = await door()
  const socket = await knock()
  socket.write(GREETING)
  const link = await arrival()
  const { heard, listener } = listening()
  link.measure!(listener)
  link.abort()
  expect(() => link.measure!(listener)).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  expect(heard).toEqual([])
})
