import type { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UnprovenConnections, yieldDescriptor } from '../../src/transports/unproven-connections.ts'

interface Stranger {
  readonly socket: Socket
  readonly host: string
  isCut: boolean
}

function roomOf(maxHandshakes: number, maxHandshakesPerHost = 64) {
  const room = new UnprovenConnections({ maxHandshakes, maxHandshakesPerHost })
  const come = (host: string, bytesRead = 0): Stranger => {
    // Only what a socket has read is looked at, and a handle that it has none of.
    const stranger: Stranger = { socket: { bytesRead } as Socket, host, isCut: false }
    const cut = (): void => {
      stranger.isCut = true
      room.leave(stranger.socket)
    }
    expect(room.enter(stranger.socket, `tcp://${host}:1`, { cut })).toBe(true)
    return stranger
  }
  return { room, come }
}

const cutsOf = (strangers: readonly Stranger[]): boolean[] => strangers.map(({ isCut }) => isCut)

describe('connections that have proven nothing', () => {
  test('are never more than their bounds, in all and by host, whoever comes and goes', () => {
    const steps = fc.array(fc.record({ host: fc.nat(5), bytesRead: fc.nat(1), leaves: fc.boolean() }), { maxLength: 80 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), (all, most, perHost) => {
        const { room, come } = roomOf(most, perHost)
        const here: Stranger[] = []
        for (const { host, bytesRead, leaves } of all) {
          const stranger = come(`192.0.2.${host}`, bytesRead)
          if (leaves) room.leave(stranger.socket)
          else here.push(stranger)
          const staying = here.filter(({ isCut }) => !isCut)
          expect(room.size).toBe(staying.length)
          expect(room.size).toBeLessThanOrEqual(most)
          for (const one of staying) expect(staying.filter((other) => other.host === one.host).length).toBeLessThanOrEqual(perHost)
        }
        for (const { socket } of here) room.leave(socket)
        expect(room.size).toBe(0)
        expect(yieldDescriptor()).toBe(false)
      }),
    )
  })

  test('the oldest that has said nothing yields, and where all have spoken the oldest', () => {
    const { come } = roomOf(3)
    const first = [come('192.0.2.1', 5), come('192.0.2.1'), come('192.0.2.1')]
    come('192.0.2.1', 5)
    expect(cutsOf(first)).toEqual([false, true, false])
    come('192.0.2.1', 5)
    come('192.0.2.1', 5)
    expect(cutsOf(first)).toEqual([true, true, true])
  })

  test('a crowd from one host pushes out its own, not those of other hosts', () => {
    const { come } = roomOf(4)
    const honest = come('198.51.100.7')
    const crowd = Array.from({ length: 20 }, () => come('192.0.2.1'))
    expect(honest.isCut).toBe(false)
    expect(crowd.filter(({ isCut }) => !isCut)).toHaveLength(3)
  })

  test('loopback and private addresses, where tests and gateways live, are bounded in all but not by host', () => {
    const { room, come } = roomOf(100, 2)
    for (const host of ['127.0.0.1', '10.0.0.1']) for (let i = 0; i < 10; i++) come(host)
    expect(room.size).toBe(20)
  })
})
