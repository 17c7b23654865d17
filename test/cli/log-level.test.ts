import { describe, expect, test } from 'vitest'
import { lineLogger } from '../../src/cli/line-logger.ts'
import { RunningCommand } from './command.ts'

describe('qudag-connections run --log-level', () => {
  test('logs to stderr, one object a line, what is at least as grave, and leaves stdout as it was', async () => {
    const line = ['run', '--connect', 'tcp://127.0.0.1:1', '--reconnect', '60000', '--json', '--seconds', '2', '--log-level', 'info']
    const { code, lines, stderr } = await new RunningCommand(...line).ended
    expect(code).toBe(0)
    const logged = stderr
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>)
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'peer failed: dial-failed', peerId: 'tcp://127.0.0.1:1', code: 'ERR_DIAL_FAILED' }),
    )
    expect(logged.filter(({ level }) => level === 'debug')).toEqual([])
    expect(lines.map((text) => (JSON.parse(text) as { type: string }).type)).not.toContain(undefined)
  })

  test('a line is one line, whatever is in it, and what is not wanted is not made', () => {
    const lines: string[] = []
    const logger = lineLogger('warn', (line) => lines.push(line))
    logger.info({}, 'no')
    logger.warn({ reason: 'a\nb\u001b[2J' }, 'limit reached')
    expect(logger.isLevelEnabled?.('info')).toBe(false)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[ -~]+\n$/)
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'warn', message: 'limit reached' })
  })

  test('a level that there is not is refused', async () => {
    const { code, stderr } = await new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', '--log-level', 'loud').ended
    expect(code).toBe(2)
    expect(stderr).toContain('--log-level must be one of debug, info, warn, error')
  })
})
