import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tableOf, type Room } from '../../src/cli/live-table.ts'
import { paint } from '../../src/cli/styled-line.ts'
import { AT, GLANCE, METRICS } from './glance.ts'

const shown = (room: Room, glance = GLANCE): readonly string[] => tableOf(glance, room).map((line) => paint(line, room.width, false))

describe('the live table', () => {
  test('says everything where there is room', () => {
    expect(shown({ width: 100, height: 40 })).toEqual([
      ' a title                                                                                      00:08',
      '',
      ' Links        15 of 16  ██████████████████████████████··  most 16',
      ' Connecting   1         ██',
      ' Connected    9         ██████████████████',
      ' Disconnected 7         ██████████  4 pooled, 1 closing, 2 closed',
      ' Failed       2         ',
      '',
      ' Traffic      173 messages/s   in 23.6 KiB/s   out 812 B/s',
      ' Round trip   avg 0.42 ms   p95 1.1 ms   p99 12.3 ms   max 141 ms',
      ' Pool         4 idle   16 hits   29 misses   36 % reused   1 expired   9 evicted',
      ' Dials        29 started   24 succeeded   4 failed   5 refused at the limit',
      ' Inbound      24 accepted   2 rejected',
      ' Processes    6 of 6 running   1 killed',
      '',
      ' Last failures',
      " 14:03:07  birch-3        could not connect to 'birch-3' at tcp://127.0.0.1:4711: connect",
      '                          ECONNREFUSED 127.0.0.1:4711; is it running and reachable?',
      '',
      ' Last transitions',
      ' 14:03:07  birch-3        Connecting → Failed               dial-failed   ERR_DIAL_FAILED',
      ' 14:03:07  amber-1        Connected → Disconnected.pooled   disconnect    ',
    ])
  })

  test('shows peers one by one, and both ends of an address that is too long', () => {
    const known = {
      peerId: 'a',
      state: 'Connected',
      pooled: false,
      direction: 'inbound',
      owner: 'manager',
      since: AT,
      holds: 1,
      score: 0,
      protected: false,
    } as const
    const up = { ...known, status: 'Connected', latency: 0.42 } as const
    const down = {
      ...known,
      status: 'Failed',
      latency: 0.42,
      failure: { code: 'ECONNRESET', message: 'reset', at: AT, attempts: 0 },
    } as const
    const security = {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      keyAgreement: 'X25519MLKEM768',
      identity: 'ed25519',
      postQuantum: { keyAgreement: true, identity: false },
      resumed: false,
    } as const
    const proven = { ...up, security }
    const peers = [
      { peer: up, name: '←tcp://[2001:db8:85a3::8a2e:370:7334]:51230' },
      { peer: proven, name: 'amber' },
      { peer: { ...up, remoteAddress: 'wss://127.0.0.1:7000/' }, name: 'birch' },
      { peer: down, name: 'ws://127.0.0.1:7000' },
    ]

    const lines = shown({ width: 80, height: 40 }, { ...GLANCE, peers })

    const begin = lines.indexOf(' Peers')
    expect(lines.slice(begin, begin + 5)).toEqual([
      ' Peers',
      ' 14:03:07  ←tcp://[2001…:7334]:51230 Connected    rtt 0.42 ms',
      ' 14:03:07  amber                     Connected    rtt 0.42 ms  proven, PQ key',
      ' 14:03:07  birch                     Connected    rtt 0.42 ms  encrypted',
      ' 14:03:07  ws://127.0.0.1:7000       Failed       ECONNRESET',
    ])
    expect(shown({ width: 80, height: 24 }, { ...GLANCE, peers: Array.from({ length: 9 }, () => peers[0]!) })).toContain(' Peers (3 of 9)')
  })

  test('says that the limit is reached', () => {
    const full = { ...GLANCE, metrics: { ...METRICS, connections: 10 } }

    expect(shown({ width: 80, height: 24 }, full)[1]).toMatch(/^ Links {8}16 of 16 {2}█+ {2}limit reached$/)
  })

  test('before anything has happened claims nothing', () => {
    const nothing = { ...METRICS, avgLatency: null, latency: null, pool: { ...METRICS.pool, hitRatio: null } }

    const lines = shown({ width: 80, height: 40 }, { ...GLANCE, metrics: nothing, failures: [], recent: [] })

    expect(lines).toContain(' Round trip   none measured yet')
    expect(lines.join('\n')).toContain('– reused')
    expect(lines.join('\n')).not.toContain('Last')
  })

  test('takes no more room than there is, and shows the newest transition on the smallest of usual terminals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (width, height) => {
        const lines = shown({ width, height })
        expect(lines.length).toBeLessThanOrEqual(height)
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
      }),
    )
    expect(shown({ width: 80, height: 24 }).join('\n')).toContain('amber-1        Connected → Disconnected  disconnect')
  })
})

describe('a painted line', () => {
  test('is cut with an ellipsis, exactly at its width', () => {
    expect(paint([['abc'], ['def', 'red']], 6, false)).toBe('abcdef')
    expect(paint([['abc'], ['def', 'red']], 5, false)).toBe('abcd…')
    expect(paint([['abc'], ['def', 'red']], 3, false)).toBe('ab…')
  })

  test('is coloured only where colours are wanted', () => {
    expect(paint([['abc'], ['def', 'red']], 6, true)).toBe('abc\u001B[31mdef\u001B[0m')
  })

  test('cannot command the terminal', () => {
    expect(paint([['a\u001B[2Jb\nc\u009Bd']], 20, true)).toBe('a [2Jb c d')
  })
})
