import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runExample } from './run-example.ts'

/** What each example must do, told from what it prints. */
const EXAMPLES: Readonly<Record<string, (printed: readonly string[]) => void>> = {
  'quick-start': (printed) =>
    expect(printed).toEqual([
      'unknown -> Connecting (connect)',
      'Connecting -> Connected (opened)',
      'the hub says hello',
      'Connected -> Disconnected (disconnect)',
      'Disconnected -> Connected (reused)',
      'Connected -> Disconnected (disconnect)',
      'dialled 1 time, reused 1 time, 0 connected, 1 pooled',
      'Disconnected -> unknown (forgotten)',
      'closed { closed: 1, forced: 0 }',
    ]),

  'supervisor-in-a-machine': (printed) => {
    expect(printed.slice(0, 6)).toEqual([
      'peer.transition: Connecting (connect)',
      'peer.transition: Connected (opened)',
      'the hub got: from inside a machine',
      'connected: 1',
      'peer.transition: Disconnected (disconnect)',
      'after peer.disconnect: Disconnected pooled: 1',
    ])
    // Leaving the state forgot the peer, gave its link up, and the other side saw it.
    expect(printed).toContain('after go.offline: undefined pooled: 0')
    expect(printed.at(-1)).toMatch(/^the hub saw it go: (remote-closed|link-error)$/)
  },

  alerts: (printed) =>
    expect(printed).toEqual([
      'raised: nearly full: the value is 1, above 0.8',
      'cleared: nearly full: the value is 0.4, back to at most 0.5 after being above 0.8',
    ]),

  'app-owned-links': (printed) =>
    expect(printed).toEqual([
      'sensor: unknown -> Connecting (reported)',
      'sensor: Connecting -> Connected (reported)',
      'sensor is Connected, owned by the app, round trip known: true',
      '1 connected, messages are counted: true',
      'sensor: Connected -> Failed (reported)',
      'sensor failed: BATTERY_LOW, it said goodbye',
      'sensor: Failed -> Disconnected (shutdown)',
      'sensor: Disconnected -> unknown (shutdown)',
    ]),

  'message-port': (printed) =>
    expect(printed).toEqual([
      'unknown -> Connecting (connect)',
      'Connecting -> Connected (opened)',
      'the worker counts 6 words',
      'Connected -> Failed (link-error)',
      'it failed: the other side is gone',
      'Failed -> Disconnected (shutdown)',
      'Disconnected -> unknown (shutdown)',
    ]),

  'important-peer': (printed) => {
    const outage = printed.indexOf('status: Disconnected')
    expect(printed.slice(0, outage)).toEqual(['status: unknown', 'status: Connecting', 'status: Connected', 'connected, outbound'])
    // Missed at least three times, each try after the last has failed, and back in the end; then once more after a restart.
    const missed = printed.filter((line) => /^missed \d+: ERR_DIAL_FAILED, attempt \d+, waiting for (backoff|free dial)$/.test(line))
    expect(missed.length).toBeGreaterThanOrEqual(3)
    expect(printed.slice(-5)).toEqual([
      'status: Connected',
      'the hub heard: are you back?',
      'status: Disconnected',
      'status: unknown',
      'after a restart: Connected { kept: true, score: 100, protections: { important: 1 } }',
    ])
  },
}

/** These run until they are told to end, or are read by the command, and have a test of their own elsewhere. */
const ELSEWHERE = ['address-book', 'chat', 'gateway', 'mesh', 'browser-app', 'foreign-peer', 'prometheus', 'relay.json']

describe('the examples', () => {
  test('each has a test', () => {
    const names = readdirSync('examples').flatMap((file) => (file === 'run.mjs' ? [] : [file.replace(/\.ts$/, '')]))

    expect(names.toSorted()).toEqual([...Object.keys(EXAMPLES), ...ELSEWHERE].toSorted())
  })

  test.concurrent.each(Object.entries(EXAMPLES))('%s does what it says, and ends by itself', async (name, check) => {
    check(await runExample(name))
  })
})
