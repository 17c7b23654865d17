import { expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

const LIMIT = 50

test('2. a hard cap never starves the dials one needs most, and pruning never swings below or above the mark', async () => {
  const clock = new VirtualClock()
  const levels = new Set<number>()
  const transport = scripted({
    autoOpen: true,
    autoClose: 'sync',
    watch: () => {
      if (isFull) levels.add(transport.ledger.held)
    },
  })
  const manager = new ConnectionManager(LIMIT, { transport, clock, admission: 'evict', limits: { inbound: LIMIT }, rate: false })
  let isFull = false
  await manager.listen('scripted://here')
  for (let n = 0; n < LIMIT; n++) transport.arrive({ remotePeerId: `scripted://crowd-${n}` })
  await clock.advanceAsync(30_000)
  isFull = true

  for (let n = 0; n < LIMIT; n++) {
    // A flood of strangers pushes at the limit all the while.
    for (let m = 0; m < 10; m++) transport.arrive({ remotePeerId: `scripted://flood-${n}-${m}` })
    manager.tag(`scripted://needed-${n}`, 'needed', 1)
    expect((await manager.connect(`scripted://needed-${n}`)).peerId).toBe(`scripted://needed-${n}`)
    expect(manager.metrics.connections).toBe(LIMIT)
  }

  const connected = [...manager.peers()].filter(({ status }) => status === 'Connected').map(({ peerId }) => peerId)
  expect(connected.every((peerId) => peerId.startsWith('scripted://needed-'))).toBe(true)
  // One goes as one comes: between the two, and at no other instant, one slot is free.
  expect([...levels].toSorted((a, b) => a - b)).toEqual([LIMIT - 1, LIMIT])
  await manager.shutdown()
})
