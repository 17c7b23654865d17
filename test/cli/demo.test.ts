import { execFile } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { NetworkMetrics } from '../../src/metrics/network-metrics.ts'
import { node24 } from '../setup/node24.ts'
import { isRunning, pidsIn, RunningCommand, without, type Ended } from './command.ts'

/** What is said where this Node knows no post-quantum algorithms, and where it does. */
const [MAJOR = 0, MINOR = 0] = process.versions.node.split('.').map(Number)
const MISSING =
  MAJOR > 24 || (MAJOR === 24 && MINOR >= 7) ? / proof +ids of ml-dsa-65/ : / proof +post-quantum .* need Node 24\.7 or newer, this is v/

const PEERS = / peers +\w+ \(pid /

describe('qudag-connections demo, where there is no terminal', () => {
  test('shows the limit, the pool, failures with their causes and round trips, and ends in order by SIGINT', async () => {
    const demo = new RunningCommand('demo')

    await Promise.all([
      demo.line(
        / hub +listens at tls:\/\/[a-z2-7]{52}@127\.0\.0\.1:\d+ and ws:\/\/127\.0\.0\.1:\d+ and tcp:\/\/127\.0\.0\.1:\d+, holds at most 16 links$/,
      ),
      demo.line(MISSING),
      demo.line(/ peers +amber \(pid \d+, tls\), birch \(pid \d+, ws\), cedar \(pid \d+, tcp\), /),
      demo.line(/ limit +reached: all 16 links are taken$/),
      demo.line(/ killed +\w+ \(pid \d+, SIGKILL\) with /),
      demo.line(/ failed .* Connected → Failed {2}link-error: .*ECONNRESET/),
      demo.line(/ failed .* Connecting → Failed {2}dial-failed: .*ECONNREFUSED/),
      demo.line(/ back +\w+ \(pid \d+\)$/),
      demo.line(/ metrics .* rtt \d.* ms \| pool [1-9]\d* hits/),
      demo.line(/ metrics .*( [1-9]\d* evicted | [1-9]\d* rejected )/),
    ])
    demo.child.kill('SIGINT')

    const ended = await demo.ended
    const metrics = metricsOf(ended)
    expect(metrics.limit).toBe(16)
    expect(metrics.pool.hits).toBeGreaterThan(0)
    expect(metrics.dials.failed).toBeGreaterThan(0)
    expect(metrics.latency?.count).toBeGreaterThan(0)
    expect(metrics.messagesPerSecond).toBeGreaterThan(0)
    expect(metrics.dials.succeeded + metrics.inbound.accepted).toBeGreaterThanOrEqual(20)
    expect(metrics.inbound.rejected + metrics.pool.evicted).toBeGreaterThan(0)
    expectNothingLeft(ended, 7)
  })

  test('shows a reconnect with pauses, a breaker that opens and closes, and an eviction with its reason, and counts them', async () => {
    const demo = new RunningCommand('demo')

    await demo.line(/ killed +\w+ \(pid \d+, SIGKILL\) with /)
    const retry = await demo.line(/ retry +\w+-1 reconnecting in \d\.\d s \(attempt 3\)$/)
    const [, peer = ''] = / retry +(\S+) /.exec(retry) ?? []
    await Promise.all([
      demo.line(new RegExp(` breaker +${peer} open for \\d\\.\\d s: [3-9] failures in a row$`)),
      demo.line(new RegExp(` breaker +${peer} half-open: one try$`)),
      demo.line(new RegExp(` breaker +${peer} closed: it is back after \\d+ failures$`)),
      demo.line(new RegExp(` recovered +${peer} after \\d+ attempts in \\d+\\.\\d s$`)),
      demo.line(/ evicted +\S+ \(worth 0\) for \w+-\d+ \(worth [35]\)$/),
    ])
    demo.child.kill('SIGINT')

    const ended = await demo.ended
    const [, counts = ''] = / summary +(.*)$/.exec(ended.lines.at(-2) ?? '') ?? []
    const words = ['processes killed', 'pauses before a reconnect', 'reconnected', 'closed again', 'evicted for someone worth more']
    expect(counts).toMatch(/links opened: [1-9]\d* proven\S* .*encrypted.* [1-9]\d* open/)
    for (const what of words) expect(Number(new RegExp(`(\\d+) ${what}`).exec(counts)?.[1])).toBeGreaterThan(0)
    expect(Number(/breakers (\d+) opened/.exec(counts)?.[1])).toBeGreaterThan(0)
    expectNothingLeft(ended, 7)
  })

  test('has links that are post-quantum where Node can, and then says nothing of what is missing', async () => {
    const { stdout } = await promisify(execFile)(await node24(), [
      'dist/src/cli/main.js',
      'demo',
      '--peers',
      '8',
      '--seconds',
      '6',
      '--no-console',
    ])
    expect(stdout).toMatch(/ proof +ids of ml-dsa-65, key agreement by X25519MLKEM768: links over TLS are post-quantum$/m)
    expect(stdout).toMatch(/ summary .*links opened: [1-9]\d* proven and encrypted post-quantum/)
    expect(stdout).not.toContain('need Node 24.7')
  })

  test('ends by itself after --seconds, never over its --max, its processes gone', async () => {
    const ended = await new RunningCommand('demo', '--peers', '8', '--max', '3', '--pool-timeout', '200', '--seconds', '1.5').ended

    expect(metricsOf(ended).limit).toBe(3)
    const held = ended.lines.flatMap((line) => Array.from(line.matchAll(/ (\d+)\/3 links:/g), ([, count]) => Number(count)))
    expect(held.length).toBeGreaterThan(0)
    expect(Math.max(...held)).toBeLessThanOrEqual(3)
    expectNothingLeft(ended, 2)
  })

  test('goes on over TLS and TCP where the package ws is not installed, and says so', async () => {
    const ended = await new RunningCommand(...without('ws'), 'demo', '--peers', '8', '--seconds', '0.5').ended

    expect(ended.lines.find((line) => / left out /.test(line))).toContain('npm install ws')
    expect(ended.lines.find((line) => PEERS.test(line))).toMatch(/ amber \(pid \d+, tls\), birch \(pid \d+, tcp\)$/)
    expectNothingLeft(ended, 2)
  })

  test('ends in order by SIGTERM while its peers are still starting', async () => {
    const demo = new RunningCommand('demo')
    await demo.line(/ hub +listens at tls:/)

    demo.child.kill('SIGTERM')

    const ended = await demo.ended
    expect(metricsOf(ended).connections).toBe(0)
    expect(ended.stderr).toBe('')
  })

  test('stops quietly when nobody reads any more', async () => {
    const demo = new RunningCommand('demo', '--peers', '4')
    const line = await demo.line(PEERS)

    demo.child.stdout.destroy()

    const { code, signal, stderr } = await demo.ended
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(pidsIn([line]).filter(isRunning)).toEqual([])
  })

  test('leaves no process behind when it is killed itself', async () => {
    const demo = new RunningCommand('demo', '--peers', '8')
    const pids = pidsIn([await demo.line(PEERS)])
    expect(pids.length).toBe(2)

    demo.child.kill('SIGKILL')
    await demo.ended

    // Ends with the last of them, or by the test's own deadline.
    while (pids.some(isRunning)) await setImmediate()
  })
})

function metricsOf({ lines }: Ended): NetworkMetrics {
  return JSON.parse(lines.at(-1) ?? '') as NetworkMetrics
}

function expectNothingLeft({ code, signal, lines, stderr }: Ended, atLeast: number): void {
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  const pids = new Set(pidsIn(lines))
  expect(pids.size).toBeGreaterThanOrEqual(atLeast)
  expect([...pids].filter(isRunning)).toEqual([])
}
