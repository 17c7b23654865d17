import { describe, expect, test } from 'vitest'
import manifest from 'qudag-connections/package.json' with { type: 'json' }
import { describeFlags, readFlags, UsageError } from '../../src/cli/arguments.ts'
import { integer, positive, repeatable, text, toggle } from '../../src/cli/flags.ts'
import { BuiltCommand, RunningCommand } from './command.ts'

const FLAGS = {
  peers: integer('N', 'how many', 1, 100),
  seconds: positive('S', 'how long', 60),
  name: repeatable(text('NAME', 'who')),
  json: toggle('for programs'),
}

describe('flags', () => {
  test('are read where they are right; the last of one given twice', () => {
    expect(readFlags([], FLAGS)).toEqual({})
    expect(readFlags(['--peers', '24', '--seconds=.5'], FLAGS)).toEqual({ peers: 24, seconds: 0.5 })
    expect(readFlags(['--peers', '1', '--peers', '100', '--seconds', '2.'], FLAGS)).toEqual({ peers: 100, seconds: 2 })
    expect(readFlags(['--name', 'ann', '--json', '--name=', '--json'], FLAGS)).toEqual({ name: ['ann', ''], json: true })
    expect(readFlags(['--peers', '1', '-h'], FLAGS)).toBe('help')
  })

  test.each([
    [['--bogus'], 'unknown option --bogus'],
    [['-x'], 'unknown option -x'],
    [['--peers'], '--peers needs a value'],
    [['--peers', '-5'], '--peers needs a value; one that begins with a dash is written --peers=VALUE'],
    [['--peers=-5'], "--peers must be a whole number from 1 to 100, got '-5'"],
    [['--peers='], "--peers must be a whole number from 1 to 100, got ''"],
    [['--peers', '0'], "--peers must be a whole number from 1 to 100, got '0'"],
    [['--peers', '101'], "--peers must be a whole number from 1 to 100, got '101'"],
    [['--peers', '1.5'], "--peers must be a whole number from 1 to 100, got '1.5'"],
    [['--peers', '1e1'], "--peers must be a whole number from 1 to 100, got '1e1'"],
    [['--seconds', '0'], "--seconds must be a number above 0, at most 60, got '0'"],
    [['--seconds', 'soon'], "--seconds must be a number above 0, at most 60, got 'soon'"],
    [['--help=yes'], '--help takes no value'],
    [['--json=yes'], '--json takes no value'],
    [['--name'], '--name needs a value'],
    [['more'], "unexpected argument 'more'"],
  ])('%j is refused in words that name it', (args, message) => {
    expect(() => readFlags(args, FLAGS)).toThrow(new UsageError(message))
  })

  test('are described side by side', () => {
    expect(describeFlags(FLAGS)).toBe(
      [
        '  --peers N     how many',
        '  --seconds S   how long',
        '  --name NAME   who; may be repeated',
        '  --json        for programs',
        '  -h, --help    print this',
      ].join('\n'),
    )
  })
})

describe('qudag-connections', () => {
  test('refuses a wrong call with one line on stderr and exit code 2', async () => {
    const calls = [['bogus'], ['--bogus'], ['demo', '--bogus'], ['demo', '--peers', 'many'], ['demo', 'more']]

    const ended = await Promise.all(calls.map((args) => new RunningCommand(...args).ended))

    expect(ended.map(({ code, lines, stderr }) => [code, lines.length, stderr])).toEqual([
      [2, 0, "qudag-connections: unknown command 'bogus'; see qudag-connections --help\n"],
      [2, 0, 'qudag-connections: unknown option --bogus; see qudag-connections --help\n'],
      [2, 0, 'qudag-connections demo: unknown option --bogus; see qudag-connections demo --help\n'],
      [2, 0, "qudag-connections demo: --peers must be a whole number from 1 to 1000, got 'many'; see qudag-connections demo --help\n"],
      [2, 0, "qudag-connections demo: unexpected argument 'more'; see qudag-connections demo --help\n"],
    ])
  })

  test('help gives the help of a command, or of all', async () => {
    const [of, asked, all, none, unknown] = await Promise.all(
      [['help', 'run'], ['run', '--help'], ['help'], ['--help'], ['help', 'nothing']].map((args) => new RunningCommand(...args).ended),
    )

    expect([of?.code, of?.lines]).toEqual([0, asked?.lines])
    expect([all?.code, all?.lines]).toEqual([0, none?.lines])
    expect(all?.lines.join('\n')).toContain('help run')
    expect([unknown?.code, unknown?.stderr]).toEqual([2, expect.stringContaining("unknown command 'nothing'")])
  })

  test('says what it can do, also when it is asked nothing', async () => {
    const [bare, help, ofDemo, version] = await Promise.all(
      [[], ['--help'], ['demo', '--help'], ['--version']].map((args) => new BuiltCommand(...args).ended),
    )

    expect([bare, help, ofDemo, version].map((ended) => [ended?.code, ended?.stderr])).toEqual(Array.from({ length: 4 }, () => [0, '']))
    expect(bare?.lines).toEqual(help?.lines)
    expect(help?.lines.join('\n')).toContain('  run      supervise connections')
    expect(help?.lines.join('\n')).toContain('  demo     watch a manager')
    for (const flag of ['--peers N', '--seconds S', '--max N', '--pool-timeout MS']) expect(ofDemo?.lines.join('\n')).toContain(flag)
    expect(version?.lines).toEqual([manifest.version])
  })
})
