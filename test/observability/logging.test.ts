import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'

type Line = [level: string, fields: Record<string, unknown>, message: string]

function logged(options: ManagerOptions = {}, enabled: (level: string) => boolean = () => true) {
  const lines: Line[] = []
  const write =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push([level, { ...fields }, message])
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'), isLevelEnabled: enabled }
  const clock = new VirtualClock()
  const transport = scripted({ autoClose: 'sync' })
  const manager = new ConnectionManager(1, { transport, clock, logger, resolve: (peerId) => `scripted://${peerId}`, ...options })
  return { manager, transport, clock, lines }
}

describe('the logger', () => {
  test('is told by the meaning of what happens: a failure is information, a move debug', async () => {
    const { manager, transport, lines } = logged({ resolve: (peerId) => peerId })
    transport.autoFail = new Error('nobody there')
    await manager.connect('scripted://me:secret@host').catch(() => {})

    expect(lines.filter(([level]) => level === 'info')).toEqual([
      [
        'info',
        expect.objectContaining({ from: 'Connecting', to: 'Failed', reason: 'dial-failed', code: 'ERR_DIAL_FAILED' }),
        'peer failed: dial-failed',
      ],
    ])
    expect(lines.filter(([level]) => level === 'debug').length).toBeGreaterThan(0)
    expect(JSON.stringify(lines)).not.toContain('secret')
    await manager.shutdown()
  })

  test('a limit that goes on being reached is a warning once a minute, with the count', async () => {
    const { manager, transport, clock, lines } = logged()
    transport.autoOpen = true
    await manager.connect('ann')
    const warnings = (): unknown[] => lines.flatMap(([level, fields]) => (level === 'warn' ? [fields] : []))
    for (let i = 0; i < 50; i++) await manager.connect('ben').catch(() => {})
    expect(warnings()).toEqual([{ reason: 'ERR_MAX_CONNECTIONS', count: 1 }])
    clock.advance(60_000)
    await manager.connect('ben').catch(() => {})
    expect(warnings()).toEqual([
      { reason: 'ERR_MAX_CONNECTIONS', count: 1 },
      { reason: 'ERR_MAX_CONNECTIONS', count: 50 },
    ])
    await manager.shutdown()
  })

  test('a flood fills no disk, and what was left out is counted', async () => {
    const { manager, transport, clock, lines } = logged({ breaker: false }, (level) => level !== 'debug')
    transport.autoFail = new Error('no')
    for (let i = 0; i < 1_000; i++) await manager.connect(`peer-${i}`).catch(() => {})
    expect(lines.length).toBe(100)
    clock.advance(1_000)
    await flush()
    await manager.connect('late').catch(() => {})
    expect(lines.slice(100).map(([level, fields]) => [level, fields['suppressed'] ?? fields['peerId']])).toEqual([
      ['warn', 900],
      ['info', 'late'],
    ])
    await manager.shutdown()
  })

  test('one that throws stops nobody, and is reported', async () => {
    const errors: string[] = []
    const fail = (): never => {
      throw new Error('disk full')
    }
    const { manager, transport } = logged({
      logger: { debug: fail, info: fail, warn: fail, error: fail },
      onError: ({ message }) => void errors.push(message),
    })
    transport.autoOpen = true
    const ann = await manager.connect('ann')
    expect(ann.peerId).toBe('ann')
    await flush()
    expect(errors).toContain('disk full')
    await manager.shutdown()
  })

  test.each([[null], [{ info: () => {} }], ['pino']])('%j is no logger', (logger) => {
    expect(() => new ConnectionManager(1, { logger: logger as never })).toThrow(/logger must have the methods debug, info, warn, error/)
  })
})
