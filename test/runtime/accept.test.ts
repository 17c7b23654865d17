import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'

const managers: ConnectionManager[] = []
afterEach(async () => {
  await Promise.all(managers.splice(0).map((manager) => manager.shutdown({ timeoutMs: 500 })))
})

function managerOf(options: ManagerOptions = {}): ConnectionManager {
  const manager = new ConnectionManager(20, options)
  managers.push(manager)
  return manager
}

/** Connects, and says nothing. Resolves when the other side hangs up. */
async function silent(port: string): Promise<void> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {}).resume()
  await once(socket, 'close')
}

describe.each(['tcp', 'ws'])('%s asks the door at accept', (scheme) => {
  const place = `${scheme}://127.0.0.1:0`

  test('who is denied is sent away before it has said a word, and counted once', async () => {
    const manager = managerOf({ deny: ['127.0.0.1'] })
    const { address } = await manager.listen(place)
    await silent(address.port)
    expect(manager.metrics.inbound).toEqual({ accepted: 0, rejected: 1 })
  })

  test('a silent connection costs a token of its host, and an honest one costs one, not two', async () => {
    const manager = managerOf({ limits: { exempt: [] }, rate: { perSecond: 0.001, burst: 3 } })
    const { address } = await manager.listen(place)
    const stranger = connect(Number(address.port), '127.0.0.1').on('error', () => {})
    await once(stranger, 'connect')
    for (let i = 1; i <= 2; i++) {
      const connection = await managerOf().connect(address.href)
      connection.send(Uint8Array.of(i))
      await new Promise<void>((resolve) => manager.messages$.subscribe(({ data }) => data[0] === i && resolve()))
    }
    await silent(address.port)
    expect(manager.metrics.inbound).toEqual({ accepted: 2, rejected: 1 })
    stranger.destroy()
  })

  test('a host with as many links as it may have is refused at once', async () => {
    const manager = managerOf({ limits: { exempt: [], perHost: 1 } })
    const { address } = await manager.listen(place)
    const connection = await managerOf().connect(address.href)
    connection.send(Uint8Array.of(1))
    await new Promise<void>((resolve) => manager.messages$.subscribe(() => resolve()))
    await silent(address.port)
    expect(manager.metrics.inbound).toEqual({ accepted: 1, rejected: 1 })
  })

  test('past maxHandshakes the oldest silent connection yields to an honest one', async () => {
    const manager = managerOf({ transport: [tcp({ maxHandshakes: 2 }), websocket({ maxHandshakes: 2 })] })
    const { address } = await manager.listen(place)
    const oldest = silent(address.port)
    const others = [connect(Number(address.port), '127.0.0.1'), connect(Number(address.port), '127.0.0.1')]
    await oldest
    const connection = await managerOf().connect(address.href)
    connection.send(Uint8Array.of(1))
    await new Promise<void>((resolve) => manager.messages$.subscribe(() => resolve()))
    for (const other of others) other.on('error', () => {}).destroy()
    expect(manager.metrics.connections).toBe(1)
  })
})
