/** Handshakes under way are counted and bounded, whoever sends them; they hold no slot, and nothing of them is left. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { ConnectionManager, type Transport } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { createIdentity, tls } from 'qudag-connections/transports/tls'
import { websocket } from 'qudag-connections/transports/websocket'
import { describe, expect, onTestFinished, test } from 'vitest'

const [mine, hers] = [createIdentity(), createIdentity()]
/** Half of what begins a TLS connection: the header of a record of 512 bytes, and some of a ClientHello. */
const HALF_TLS = Buffer.from('1603010200010001fc0303' + '5a'.repeat(24), 'hex')
const HALF_HTTP = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nUpg')

interface Options {
  readonly clock?: HandClock
}

const PLACES: readonly (readonly [address: string, said: Buffer, transport: (id: typeof mine, options?: Options) => Transport])[] = [
  ['tls://127.0.0.1:0', HALF_TLS, (identity, options) => tls({ identity, ...options })],
  ['wss://127.0.0.1:0', HALF_TLS, (identity, options) => websocket({ tls: { identity }, ...options })],
  ['ws://127.0.0.1:0', HALF_HTTP, (_identity, options) => websocket(options)],
  ['tcp://127.0.0.1:0', Buffer.from('5144', 'hex'), (_identity, options) => tcp(options)],
]

/** Timers that fire by hand. */
class HandClock {
  readonly timers = new Map<number, () => void>()
  #last = 0
  setTimeout = (f: () => void): number => {
    this.timers.set(++this.#last, f)
    return this.#last
  }
  clearTimeout = (id: unknown): void => void this.timers.delete(id as number)
  fire(): void {
    for (const f of this.timers.values()) f()
  }
}

async function victim(address: string, transport: Transport, pendingInbound: number) {
  const manager = new ConnectionManager(1, { transport, limits: { inbound: 1, pendingInbound }, rate: false })
  onTestFinished(async () => void (await manager.shutdown()))
  const listener = await manager.listen(address)
  return { manager, url: listener.address.href, port: Number(listener.address.port) }
}

/** Looks until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

describe.each(PLACES)('%s', (address, said, transportOf) => {
  test('a thousand half handshakes of another process are never more than pendingInbound, and an honest peer gets the only slot', async () => {
    const { manager, url, port } = await victim(address, transportOf(hers), 40)
    const script = fileURLToPath(new URL('half-handshakes.mjs', import.meta.url))
    const strangers = fork(script, [String(port), '1000', said.toString('hex')])
    onTestFinished(() => void strangers.kill('SIGKILL'))
    const heard: unknown[] = []
    strangers.on('message', (message) => heard.push(message))
    let most = 0
    const look = (): number => (most = Math.max(most, manager.explain().inbound.handshakes))
    await until(() => look() >= 0 && heard.includes('all'))
    expect(most).toBeGreaterThan(20)
    expect(most).toBeLessThanOrEqual(40)
    expect(manager.explain().slots.held).toBe(0)
    expect([...manager.peers()]).toEqual([])

    const honest = new ConnectionManager(1, { transport: transportOf(mine) })
    onTestFinished(async () => void (await honest.shutdown()))
    // A stranger whose dial is still on its way may take the last place before it: whoever means it comes again.
    for (let attempt = 1; honest.metrics.connections === 0; attempt++) {
      await honest.connect(url).catch((error: unknown) => {
        if (attempt === 20) throw error
      })
    }
    expect(manager.metrics.connections).toBe(1)
    await manager.shutdown()
    await until(() => heard.includes('gone'))
    expect(manager.explain().inbound.handshakes).toBe(0)
  })

  test('one that sends a byte now and then is cut all the same when its time is over', async () => {
    const clock = new HandClock()
    const { manager, port } = await victim(address, transportOf(hers, { clock }), 10)
    const socket: Socket = connectTcp(port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    const closed = new Promise((resolve) => socket.resume().on('close', resolve))
    for (const byte of said.subarray(0, 8)) await new Promise<void>((resolve) => socket.write(Uint8Array.of(byte), () => resolve()))
    await until(() => manager.explain().inbound.handshakes === 1)
    clock.fire()
    await closed
    await until(() => manager.explain().inbound.handshakes === 0)
    expect(manager.explain().slots.held).toBe(0)
  })
})

test('two transports of a manager share the bound', async () => {
  const manager = new ConnectionManager(5, { transport: [tcp(), tls({ identity: hers })], limits: { pendingInbound: 6 }, rate: false })
  onTestFinished(async () => void (await manager.shutdown()))
  const ports = await Promise.all(
    ['tcp', 'tls'].map(async (scheme) => Number((await manager.listen(`${scheme}://127.0.0.1:0`)).address.port)),
  )
  const open = async (port: number): Promise<Socket> => {
    const socket = connectTcp(port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  for (let i = 0; i < 10; i++) await Promise.all(ports.map(open))
  await until(() => manager.explain().inbound.handshakes >= 6)
  // Where all others are of the other transport one newcomer more has room.
  expect(manager.explain().inbound.handshakes).toBeLessThanOrEqual(7)
})
