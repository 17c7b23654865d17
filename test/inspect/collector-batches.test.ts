/** Batches of a collector come at most so often, and say of a peer that moved often the latest once. */
import { type Changes, Collector, type PeerFacts } from 'qudag-connections/inspect'
import { PEER_STATES } from 'qudag-connections/machines'
import { VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { Mirror } from './mirror.ts'
import { FACTS, scriptedSource } from './scripted-source.ts'

describe('batches', () => {
  test('come at most every 50 ms, and no timer runs while nothing changes or nobody reads', async () => {
    const clock = new VirtualClock()
    const source = scriptedSource()
    const collector = new Collector(source, { clock })
    source.move('a', undefined, 'Connected')
    expect(clock.pending).toBe(0)

    const toldAt: number[] = []
    const unsubscribe = collector.subscribe(() => toldAt.push(clock.now()))
    const begin = clock.now()
    for (let ms = 0; ms < 500; ms += 5) {
      source.move('a', 'Connected', 'Disconnected.pooled')
      source.move('a', 'Disconnected.pooled', 'Connected')
      await clock.advanceAsync(5)
    }
    await clock.advanceAsync(100)
    expect(toldAt.length).toBeLessThanOrEqual(13)
    expect(toldAt.length).toBeGreaterThanOrEqual(10)
    expect(toldAt.every((at, index) => index === 0 || at - toldAt[index - 1]! >= 50)).toBe(true)
    expect(toldAt[0]! - begin).toBeLessThanOrEqual(5)
    expect(clock.pending).toBe(0)

    source.move('a', 'Connected', 'Disconnected.pooled')
    expect(clock.pending).toBe(1)
    unsubscribe()
    expect(clock.pending).toBe(0)
    collector.close()
  })

  test('say of a peer that moved often the latest state once, and of the log the latest hundred', () => {
    const source = scriptedSource()
    const collector = new Collector(source, { clock: new VirtualClock() })
    const reader = collector.reader()
    reader.read()
    for (let i = 0; i < 600; i++) {
      source.move('a', i === 0 ? undefined : 'Disconnected.pooled', 'Connected')
      source.move('a', 'Connected', 'Disconnected.pooled')
    }
    const changes = reader.read()!

    expect(changes.names).toEqual([[0, 'a']])
    expect(changes.moved).toEqual([PEER_STATES.indexOf('Disconnected.pooled')])
    expect(changes.log).toHaveLength(100)
    expect(changes.skipped).toBe(1_100)
    expect(changes.log.at(-1)).toMatchObject({ seq: 1_200, peerId: 'a', to: PEER_STATES.indexOf('Disconnected.pooled') })
    expect(reader.read()).toBeUndefined()
    collector.close()
  })

  test('tell the latest address, also where it was looked up before and nobody read, and where another peer had its slot', () => {
    const source = scriptedSource()
    const clock = new VirtualClock()
    const addresses: Record<string, string> = { a: 'tcp://first', b: 'tcp://b' }
    const facts = (peerId: string): PeerFacts => ({ ...FACTS, peerId, remoteAddress: addresses[peerId] ?? '' })
    const collector = new Collector({ ...source, facts }, { clock })
    const reader = collector.reader()
    collector.subscribe(() => {})
    // So many others that it is not looked up because its turn has come.
    for (let n = 0; n < 5_000; n++) source.move(`other ${n}`, undefined, 'Connected')
    clock.advance(500)
    source.move('a', undefined, 'Connected')
    clock.advance(50)
    addresses['a'] = 'tcp://second'
    source.move('a', 'Connected', 'Disconnected.pooled')
    clock.advance(50)
    expect(addressIn(reader.read())).toBe('tcp://second')

    source.move('a', 'Disconnected.pooled', 'Disconnected.closed')
    source.move('a', 'Disconnected.closed', undefined)
    source.move('b', undefined, 'Connected')
    clock.advance(50)
    expect(addressIn(reader.read())).toBe('tcp://b')
    collector.close()

    function addressIn(changes: Changes | undefined): string | undefined {
      return changes?.facts.find(([slot]) => slot === 5_000)?.[1]
    }
  })

  test('are the same for readers that are equally far', () => {
    const source = scriptedSource()
    const collector = new Collector(source, { clock: new VirtualClock() })
    const [one, other, late] = [collector.reader(), collector.reader(), collector.reader()]
    one.read()
    other.read()
    source.move('a', undefined, 'Connected')

    expect(one.read()).toBe(other.read())
    expect(late.read()).toMatchObject({ reset: true })
    collector.close()
  })

  test('begin anew where a recording jumps', () => {
    const source = scriptedSource()
    const collector = new Collector(source, { clock: new VirtualClock() })
    const reader = collector.reader()
    const mirror = new Mirror()
    source.move('a', undefined, 'Connected')
    source.move('b', undefined, 'Failed')
    mirror.apply(reader.read()!)
    source.jump([{ ...FACTS, peerId: 'c', state: 'Disconnected.pooled' }])
    mirror.apply(reader.read()!)

    expect(mirror.states).toEqual({ c: 'Disconnected.pooled' })
    expect(mirror.counts.reduce((a, b) => a + b)).toBe(1)
    expect(mirror.shown).toEqual([])
    expect([...mirror.flows]).toEqual([])
    collector.close()
  })
})
