/** A node's claim is shown to the other side, which can refuse an older one. */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { ConnectionManager, type Connection, type ManagerOptions } from 'qudag-connections'
import { fleet, memoryStore } from 'qudag-connections/fleet'
import { memory, MemoryNetwork } from 'qudag-connections/transports/memory'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { firstValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { fenceHeader, fenceInHeader, fenceInHello, helloWith } from '../../src/transports/link-fence.ts'

/** What a listener sees of the next link that arrives. */
function next(judge: ConnectionManager): Promise<Connection> {
  return firstValueFrom(judge.connections$)
}

describe('the fence of a link', () => {
  const network = new MemoryNetwork()
  const kinds: readonly [string, () => Pick<ManagerOptions, 'transport'>, string][] = [
    ['memory', () => ({ transport: memory({ network }) }), 'memory://judge'],
    ['tcp', () => ({ transport: tcp() }), 'tcp://127.0.0.1:0'],
    ['websocket', () => ({ transport: websocket() }), 'ws://127.0.0.1:0'],
  ]
  test.each(kinds)('over %s: connection.fence is the same at both ends, and grows with the owner', async (_name, options, address) => {
    const judge = new ConnectionManager(10, options())
    const { address: there } = await judge.listen(address)
    const store = memoryStore()
    const fences: (number | undefined)[] = []
    for (const name of ['one', 'two']) {
      const manager = new ConnectionManager(10, { ...options(), fleet: fleet({ store, limit: 10, name }) })
      const arrived = next(judge)
      const connection = await manager.connect(there.href)
      expect((await arrived).fence).toBe(connection.fence)
      fences.push(connection.fence)
      await manager.shutdown()
    }
    expect(fences[1]).toBeGreaterThan(fences[0] ?? Infinity)
    await judge.shutdown()
  })

  test('a listener with olderFence refuse turns an older claim away, and ends the link of the older claim when a newer one comes', async () => {
    const judge = new ConnectionManager(10, { transport: tcp(), olderFence: 'refuse' })
    const { address } = await judge.listen('tcp://127.0.0.1:0')
    const first = next(judge)
    const older = await raw(address, { fleet: 'f', fence: 7 })
    const admitted = await first
    expect(admitted.fence).toBe(7)
    const second = next(judge)
    const newer = await raw(address, { fleet: 'f', fence: 9 })
    expect((await second).fence).toBe(9)
    expect(await admitted.closed).toMatchObject({ kind: 'local' })
    older.resume()
    await once(older, 'close')
    const oldest = await raw(address, { fleet: 'f', fence: 8 })
    const [said] = (await once(oldest, 'data')) as [Buffer]
    expect(said.toString()).toContain('"code":"ERR_OWNED_ELSEWHERE"')
    expect(judge.explain().inbound.refusals['older-fence']).toBe(1)
    const other = next(judge)
    const another = await raw(address, { fleet: 'g', fence: 1 })
    expect((await other).fence).toBe(1)
    for (const socket of [older, newer, oldest, another]) socket.destroy()
    await judge.shutdown()
  })

  test('a hello and a header are read by what they can mean, and nonsense is no fence', () => {
    const fence = { fleet: 'a fleet, ü', fence: 2 ** 52 }
    expect(fenceInHello(helloWith(fence))).toEqual(fence)
    expect(fenceInHello(helloWith(fence, '{"keyAgreement":"X25519"}'))).toEqual(fence)
    expect(fenceInHeader(fenceHeader(fence))).toEqual(fence)
    for (const hello of [
      '{}',
      'no',
      '[]',
      'null',
      '{"fence":1}',
      '{"fleet":"f","fence":"1"}',
      '{"fleet":"f","fence":1.5}',
      '{"fleet":"","fence":1}',
    ]) {
      expect(fenceInHello(hello)).toBeUndefined()
    }
    for (const header of ['', '1', 'x f', '1 %', '-1 f', `1 ${'f'.repeat(129)}`]) expect(fenceInHeader(header)).toBeUndefined()
  })
})

/** A dialer that speaks the wire by hand. */
async function raw(address: URL, hello: object): Promise<Socket> {
  const socket = createConnection(Number(address.port), address.hostname)
  socket.on('error', () => {})
  await once(socket, 'connect')
  const payload = Buffer.from(JSON.stringify(hello))
  const header = Buffer.alloc(4)
  header.writeUInt32BE(((4 << 29) | payload.length) >>> 0)
  socket.write(Buffer.concat([Buffer.from('51444302', 'hex'), header, payload]))
  return socket
}
