import { describe, expect, test } from 'vitest'
import { transportsOf } from '../../src/cli/metrics-fields.ts'
import { metricsLine, noteworthy, plainLine, transitionLine } from '../../src/cli/plain-lines.ts'
import { FAILED, METRICS, POOLED, AT } from './glance.ts'

describe('plain lines', () => {
  test('tell the metrics of a moment on one', () => {
    expect(metricsLine(METRICS, 5)).toBe(
      '14:03:07 metrics   15/16 links: 9 connected, 1 connecting, 4 pooled, 1 closing | 2 failed | ' +
        '173 msg/s, in 23.6 KiB/s, out 812 B/s | rtt 0.42 ms / 1.1 ms / 12.3 ms | ' +
        'pool 16 hits, 29 misses, 1 expired, 9 evicted | dials 24 ok, 4 failed, 5 refused | inbound 24 ok, 2 rejected | 71.9 MiB',
    )
    expect(metricsLine({ ...METRICS, avgLatency: null, latency: null }, 5)).toContain('| rtt – |')
  })

  test('tell a failure with its cause', () => {
    expect(transitionLine('failed', { transition: FAILED, name: '←birch-3' })).toBe(
      "14:03:07 failed    ←birch-3  Connecting → Failed  dial-failed: could not connect to 'birch-3' at tcp://127.0.0.1:4711: " +
        'connect ECONNREFUSED 127.0.0.1:4711; is it running and reachable?',
    )
  })

  test('stay one line, whatever is in them', () => {
    expect(plainLine(AT, 'note', 'one\r\ntwo\u001B[2J')).toBe('14:03:07 note      one  two [2J')
  })

  test('pass over what is everyday life', () => {
    expect(noteworthy(POOLED)).toBeUndefined()
    expect(noteworthy(FAILED)).toBe('failed')
    expect(noteworthy({ ...POOLED, reason: 'pool-evicted' })).toBe('yielded')
    expect(noteworthy({ ...POOLED, reason: 'pool-expired' })).toBeUndefined()
  })
})

describe('the transports', () => {
  test('are counted where a peer is Connected', () => {
    const peers = [
      { status: 'Connected', remoteAddress: 'ws://127.0.0.1:7000/peers' },
      { status: 'Connected', remoteAddress: 'tcp://127.0.0.1:7001' },
      { status: 'Connected', remoteAddress: 'ws://127.0.0.1:7002' },
      { status: 'Failed', remoteAddress: 'wss://peer.example' },
      { status: 'Connected' },
    ] as const

    expect(transportsOf(peers)).toEqual(['1 over tcp', '2 over ws'])
    expect(transportsOf([])).toEqual(['none in use'])
  })
})
