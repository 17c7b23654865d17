/** A process at the other end of a WebSocket may be killed, leave, throw, or lack the package ws. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { numbered, record } from './link-recorder.ts'
import { door, peerProcess } from './websocket-rig.ts'

describe('a process', () => {
  test('that is killed is an error; one that leaves in order is not, and ends by itself', async () => {
    const { listener, arrival } = await door()
    for (const way of ['killed', 'leaves'] as const) {
      const child = await peerProcess(
        `
        import { websocket } from '../../src/transports/websocket.ts'
        const link = await websocket().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
        link.attach({ message: () => void link.close(), drain() {}, closed: () => process.disconnect() })
        link.send(new Uint8Array([1, 2, 3]))`,
        listener.address.href,
      )
      const exit = once(child, 'exit')
      const link = await arrival()
      const log = record(link)
      expect((await log.count(1))[0]).toEqual(new Uint8Array([1, 2, 3]))
      if (way === 'killed') child.kill('SIGKILL')
      else link.send(numbered(1))
      expect((await log.end()).kind).toBe(way === 'killed' ? 'error' : 'remote')
      expect((await exit)[0]).toBe(way === 'killed' ? null : 0)
    }
  })

  test('whose handler throws loses no message after it, nor the end', async () => {
    const { listener, arrival } = await door()
    const child = await peerProcess(
      `
      import { websocket } from '../../src/transports/websocket.ts'
      const got = []
      let thrown = 0
      process.on('uncaughtException', () => thrown++)
      const link = await websocket().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
      link.attach({
        message(data) { got.push(data[3]); throw new Error('planted') },
        drain() {},
        closed: (reason) => setImmediate(() => process.send([thrown, got, reason.kind], () => process.disconnect())),
      })`,
      listener.address.href,
    )
    const link = await arrival()
    record(link)
    for (let n = 0; n < 5; n++) link.send(numbered(n))
    void link.close()
    expect((await once(child, 'message'))[0]).toEqual([5, [0, 1, 2, 3, 4], 'remote'])
  })

  test('without the package ws is told to install it, by the transport and by a manager', async () => {
    const { listener } = await door()
    const child = await peerProcess(
      `
      import { ConnectionManager } from '../../src/index.ts'
      import { websocket } from '../../src/transports/websocket.ts'
      const address = new URL(process.argv[2]!)
      const told = ({ name, code, message, cause }) => ({ name, code, message, causeCode: cause?.code })
      const signal = new AbortController().signal
      const manager = new ConnectionManager(1)
      const errors = await Promise.all([
        websocket().dial(address, { peerId: 'x', signal }).catch(told),
        websocket().listen(address, { onLink() {} }).catch(told),
        manager.connect(address.href).catch(told),
        manager.listen('ws://127.0.0.1:0').catch(told),
      ])
      await manager.shutdown()
      process.send(errors, () => process.disconnect())`,
      listener.address.href,
      { hasWs: false },
    )
    const [[errors], [code]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [[unknown[]], [number]]
    const missing = { name: 'ConnectionError', code: 'ERR_NO_TRANSPORT', message: expect.stringMatching(/'ws'.*npm install ws$/) }
    expect(errors).toEqual([
      expect.objectContaining({ ...missing, causeCode: 'ERR_MODULE_NOT_FOUND' }),
      expect.objectContaining(missing),
      expect.objectContaining(missing),
      expect.objectContaining(missing),
    ])
    expect(code).toBe(0)
  })
})
