/** A drain ends by itself, though nobody here holds the peers that have come, and they do not go. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { tcp } from 'qudag-connections/transports/tcp'

const id = (name: string): string => `scripted://${name}`

async function hub(autoClose: 'sync' | false = 'sync') {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose })
  const manager = new ConnectionManager(10, { transport, clock, closeTimeoutMs: 5_000 })
  await manager.listen('scripted://here')
  return { clock, transport, manager }
}

/** When a drain is over, by the clock; undefined: it is not. */
function watch(clock: VirtualClock, draining: Promise<void>): { at?: number } {
  const seen: { at?: number } = {}
  void draining.then(() => (seen.at = clock.now()))
  return seen
}

describe('a drain', () => {
  test('asks the peers that came by themselves to go, and ends when they have gone', async () => {
    const { manager, transport } = await hub()
    const links = [transport.arrive({ remotePeerId: id('a') }), transport.arrive({ remoteAddress: 'scripted://nobody' })]
    const reasons: string[] = []
    manager.transitions$.subscribe(({ reason }) => reasons.push(reason))
    await manager.drain()
    expect(links.map(({ state }) => state)).toEqual(['over', 'over'])
    expect(reasons.filter((reason) => reason === 'shutdown').length).toBeGreaterThanOrEqual(2)
    expect(await manager.shutdown()).toEqual({ closed: 0, forced: 0 })
  })

  test('cuts off those who do not go within closeTimeoutMs', async () => {
    const { clock, manager, transport } = await hub(false)
    transport.arrive({ remotePeerId: id('a') })
    const begin = clock.now()
    const seen = watch(clock, manager.drain())
    await clock.advanceAsync(4_999)
    expect(seen.at).toBeUndefined()
    await clock.advanceAsync(1)
    expect(seen.at).toBe(begin + 5_000)
    await manager.shutdown()
  })

  test('lets a peer stay that came by itself and that the app holds, until it is released', async () => {
    const { manager, transport } = await hub()
    const link = transport.arrive({ remotePeerId: id('a') })
    const held = await manager.connect(id('a'))
    const draining = manager.drain()
    await flush()
    expect([link.state, manager.status(id('a'))]).toEqual(['open', 'Connected'])
    await held.release()
    await draining
    expect(link.state).toBe('over')
  })

  test('closes nothing that is in use where no timeout is given', async () => {
    const { clock, manager } = await hub()
    const held = await manager.connect(id('held'))
    const seen = watch(clock, manager.drain())
    await clock.advanceAsync(86_400_000)
    expect([seen.at, manager.metrics.connections]).toEqual([undefined, 1])
    await held.release()
    await flush()
    expect(seen.at).toBe(clock.now())
    await manager.shutdown()
  })

  test.each([
    ['timeoutMs', { timeoutMs: 700 }, 700],
    ['no time at all', { timeoutMs: 0 }, 0],
  ])('closes what is still in use after %s', async (_name, options, after) => {
    const { clock, manager, transport } = await hub()
    transport.arrive({ remotePeerId: id('held') })
    const holds = [await manager.connect(id('held')), await manager.connect(id('kept'), { keep: true }), await manager.connect(id('out'))]
    await manager.updateStatus('app', 'Connected')
    const begin = clock.now()
    const seen = watch(clock, manager.drain(options))
    if (after > 0) {
      await clock.advanceAsync(after - 1)
      expect([seen.at, manager.metrics.connections]).toEqual([undefined, 4])
    }
    await clock.advanceAsync(after === 0 ? 0 : 1)
    expect(seen.at).toBe(begin + after)
    expect(await Promise.all(holds.map(({ closed }) => closed))).toEqual(holds.map(() => ({ kind: 'local' })))
    expect([...manager.peers()]).toEqual([])
    await manager.shutdown()
    expect(clock.pending).toBe(0)
  })

  test('waits for ever where that is asked, and a later call may be less patient', async () => {
    const { clock, manager } = await hub()
    await manager.connect(id('a'))
    const seen = watch(clock, manager.drain({ timeoutMs: Infinity }))
    await clock.advanceAsync(1e7)
    expect(seen.at).toBeUndefined()
    const draining = manager.drain({ timeoutMs: 10 })
    void manager.drain({ timeoutMs: 1_000 })
    await clock.advanceAsync(10)
    await draining
    expect(clock.now()).toBe(seen.at)
  })

  test('refuses a timeout that is none, and goes on accepting', async () => {
    const { manager } = await hub()
    await expect(manager.drain({ timeoutMs: -1 })).rejects.toThrow(RangeError)
    await expect(manager.drain({ timeoutMs: NaN })).rejects.toThrow(RangeError)
    await expect(manager.drain({ timeout: 1 } as never)).rejects.toThrow(TypeError)
    await manager.connect(id('a'))
    await manager.shutdown()
  })

  test('tells the client of a real server why: shutdown', async () => {
    const server = new ConnectionManager(4, { transport: tcp() })
    const { address } = await server.listen('tcp://127.0.0.1:0')
    const client = new ConnectionManager(4, { transport: tcp() })
    const connection = await client.connect(address.href)
    await server.drain()
    expect(await connection.closed).toEqual({ kind: 'remote', reason: 'shutdown' })
    await Promise.all([server.shutdown(), client.shutdown()])
  })

  test('whoever is there, and however stubborn, ends by timeoutMs and closeTimeoutMs together', async () => {
    const peer = fc.constantFrom('inbound', 'inbound held', 'outbound', 'kept', 'app', 'pooled', 'unproven')
    const run = async (peers: readonly string[], timeoutMs: number, stubborn: boolean): Promise<void> => {
      const { clock, manager, transport } = await hub(stubborn ? false : 'sync')
      for (const [i, kind] of peers.entries()) {
        const peerId = id(`${i}`)
        if (kind.startsWith('inbound')) transport.arrive({ remotePeerId: peerId })
        if (kind === 'unproven') transport.arrive()
        if (kind === 'app') await manager.updateStatus(peerId, 'Connected')
        else if (!['inbound', 'unproven'].includes(kind)) {
          const hold = await manager.connect(peerId, { keep: kind === 'kept' })
          if (kind === 'pooled') await hold.release()
        }
      }
      const seen = watch(clock, manager.drain({ timeoutMs }))
      await clock.advanceAsync(timeoutMs + 5_000)
      expect(seen.at).toBeDefined()
      expect(manager.metrics).toMatchObject({ connections: 0, pooled: 0, closing: 0 })
      await manager.shutdown()
      expect(clock.pending).toBe(0)
    }
    await fc.assert(fc.asyncProperty(fc.array(peer, { maxLength: 8 }), fc.integer({ min: 0, max: 60_000 }), fc.boolean(), run), {
      numRuns: 60,
    })
  })
})
