/** A peer with a slot waits for its turn where `limits.dialing` dials are under way; whatever ends the wait leaves nothing of it. */
import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'

const FIRST = 'scripted://first'
const PEER = 'scripted://peer'

/** A manager that dials one peer at a time. */
async function setUp(options: ManagerOptions = {}, limit = 10) {
  const clock = new VirtualClock()
  const transport = scripted({ autoClose: 'sync' })
  const manager = new ConnectionManager(limit, {
    transport,
    clock,
    poolTimeoutMs: 0,
    random: () => 0.5,
    heartbeat: false,
    ...options,
    limits: { dialing: 1 },
  })
  await manager.listen('scripted://here')
  const moves: string[] = []
  manager.transitions$.subscribe(({ peerId, from, to, reason }) => {
    if (peerId === PEER) moves.push(`${from} to ${to}: ${reason}`)
  })
  return {
    clock,
    transport,
    manager,
    moves,
    /** Takes the only turn: a dial that nobody answers. */
    takeTurn: (): void => void manager.connect(FIRST).catch(() => {}),
    endTurn: async (): Promise<void> => {
      transport.lastDial(FIRST)?.fail(new Error('nobody there'))
      await flush()
    },
  }
}

type Rig = Awaited<ReturnType<typeof setUp>>

/** How a peer came to be remembered without a link. */
const REMEMBERED: [string, (rig: Rig) => Promise<void>, string[]][] = [
  [
    'that the app reported as Disconnected',
    ({ manager }) => manager.updateStatus(PEER, 'Disconnected'),
    ['undefined to Disconnected: reported', 'Disconnected to Connecting: connect'],
  ],
  [
    'that the app reported as Failed',
    ({ manager }) => manager.updateStatus(PEER, 'Failed'),
    ['undefined to Failed: reported', 'Failed to Connecting: connect'],
  ],
]

/** How a kept peer loses its link. */
const LOST: [string, (rig: Rig) => void, string][] = [
  ['closes', ({ transport }) => void transport.linkOf(PEER)?.remoteClose(), 'Disconnected'],
  ['fails', ({ transport }) => void transport.linkOf(PEER)?.fail(new Error('cut')), 'Failed'],
]

describe('a peer that waits for its turn', () => {
  test.each(REMEMBERED)('one %s is dialled when the dial before it is over, and is ours from then on', async (_, report, first) => {
    const rig = await setUp()
    const { transport, manager, moves, takeTurn, endTurn } = rig
    takeTurn()
    await report(rig)
    const connecting = manager.connect(PEER)
    expect([manager.status(PEER), transport.dials.length]).toEqual(['Connecting', 1])
    await endTurn()
    transport.lastDial(PEER)?.open()
    await connecting
    await manager.disconnect(PEER)
    // A link that the app owned would be let go, and never closed.
    expect(transport.ledger.linksOf(PEER)).toBe(0)
    expect(moves).toEqual([
      ...first,
      'Connecting to Connected: opened',
      'Connected to Disconnected: disconnect',
      'Disconnected to undefined: forgotten',
    ])
  })

  test.each(LOST)('a kept one whose link %s waits too when its pause is over', async (_, lose, lost) => {
    const rig = await setUp()
    const { clock, transport, manager, moves, takeTurn, endTurn } = rig
    const connecting = manager.connect(PEER, { keep: true })
    transport.lastDial(PEER)?.open()
    await connecting
    lose(rig)
    takeTurn()
    moves.length = 0
    await clock.advanceAsync(500)
    expect(moves).toEqual([`${lost} to Connecting: backoff`])
    await endTurn()
    transport.lastDial(PEER)?.open()
    await flush()
    expect(manager.status(PEER)).toBe('Connected')
  })

  test.each(REMEMBERED)(
    'one %s and that found no slot waits too when there is one, and is ours from then on',
    async (_, report, [, first]) => {
      const rig = await setUp({}, 2)
      const { transport, manager, moves, takeTurn, endTurn } = rig
      const holding = manager.connect('scripted://holder')
      transport.lastDial()?.open()
      await holding
      takeTurn()
      await report(rig)
      await expect(manager.connect(PEER, { keep: true })).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
      await manager.disconnect('scripted://holder')
      expect(moves.slice(1)).toEqual([first?.replace(': connect', ': backoff')])
      await endTurn()
      transport.lastDial(PEER)?.open()
      await flush()
      await manager.disconnect(PEER)
      expect(transport.ledger.linksOf(PEER)).toBe(0)
    },
  )

  test('fails after its time with the reason', async () => {
    const { clock, manager, takeTurn } = await setUp({ waitTimeoutMs: 2_000 })
    takeTurn()
    const connecting = manager.connect(PEER).catch((error: unknown) => error)
    await clock.advanceAsync(2_000)
    expect(await connecting).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT', message: expect.stringContaining('waited 2000 ms for its turn') })
    expect([manager.status(PEER), manager.explain(PEER)?.failure?.code]).toEqual(['Failed', 'ERR_CONNECT_TIMEOUT'])
  })

  test('is Connected when it dials us meanwhile, and no timer of its wait is left', async () => {
    const { clock, transport, manager, takeTurn, endTurn } = await setUp({ connectTimeoutMs: 5_000, waitTimeoutMs: 600_000 })
    takeTurn()
    const connecting = manager.connect(PEER)
    transport.arrive({ remotePeerId: PEER })
    expect(await connecting).toMatchObject({ direction: 'inbound' })
    await endTurn()
    await clock.advanceAsync(5_000)
    // That of the metrics.
    expect(clock.pending).toBe(1)
    expect(transport.dials.length).toBe(1)
  })
})

test('a peer that Failed leaves the failure behind when the app reports it as Disconnected while it is dialled', async () => {
  const { transport, manager } = await setUp()
  const failing = manager.connect(PEER).catch(() => {})
  transport.lastDial(PEER)?.fail(new Error('nobody there'))
  await failing
  const again = manager.connect(PEER).catch((error: unknown) => error)
  expect(manager.explain(PEER)?.failure).toBeDefined()
  await manager.updateStatus(PEER, 'Disconnected')
  expect(await again).toMatchObject({ code: 'ERR_DISCONNECTED' })
  expect(manager.status(PEER)).toBe('Disconnected')
  expect(manager.explain(PEER)).not.toHaveProperty('failure')
})

test('a peer that Failed is unknown after a drain', async () => {
  const { manager, moves } = await setUp()
  await manager.updateStatus(PEER, 'Failed')
  await manager.drain()
  expect(moves.slice(1)).toEqual(['Failed to Disconnected: shutdown', 'Disconnected to undefined: shutdown'])
  expect(manager.status(PEER)).toBeUndefined()
})
