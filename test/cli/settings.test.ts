import { describe, expect, test } from 'vitest'
import { hasIp } from '../../machines/domain/cidr-set.ts'
import { parseIp } from '../../machines/domain/ip.ts'
import { readFlags, UsageError } from '../../src/cli/arguments.ts'
import { readConfig } from '../../src/cli/run/config-file.ts'
import { SETTINGS } from '../../src/cli/run/settings.ts'
import { readTask, supervisionOf } from '../../src/cli/run/task.ts'
import { checkOptions } from '../../src/runtime/options/check-options.ts'
import type { Platform, Settings } from '../../src/runtime/options/settings.ts'

const PLATFORM: Platform = {
  clock: { now: () => 0, setTimeout: () => 0, clearTimeout: () => {} },
  transports: () => [],
  memoryUsage: () => 0,
  warn: () => {},
  nextTick: () => {},
}

const SOMEWHERE = ['--listen', 'tcp://127.0.0.1:0']

/** What each flag is given, and what the manager then makes of it. */
const REACHES: Readonly<Record<string, readonly [args: readonly string[], inForce: (settings: Settings) => unknown, value: unknown]>> = {
  allow: [['--allow', 'ann', '--allow', 'ben'], ({ door }) => [...door.access.allow.peers], ['ann', 'ben']],
  deny: [['--deny', 'ann'], ({ door }) => [...door.access.deny.peers], ['ann']],
  max: [['--max', '7'], ({ limits }) => limits.maxConnections, 7],
  'max-inbound': [['--max-inbound', '0'], ({ door }) => door.inbound, 0],
  'max-dialing': [['--max-dialing', '3'], ({ maxDialing }) => maxDialing, 3],
  'max-per-host': [['--max-per-host', '2'], ({ door }) => door.arrivals.perHost, 2],
  'max-per-subnet': [['--max-per-subnet', '9'], ({ door }) => door.arrivals.perSubnet, 9],
  rate: [['--rate', 'off'], ({ door }) => door.arrivals.hostRate, undefined],
  'rate-burst': [['--rate-burst', '4', '--rate', '2.5'], ({ door }) => door.arrivals.hostRate, { perSecond: 2.5, burst: 4 }],
  'rate-total': [['--rate-total', '12'], ({ door }) => door.arrivals.totalRate?.perSecond, 12],
  admission: [['--admission', 'queue'], ({ admission }) => admission, 'queue'],
  'eviction-grace': [['--eviction-grace', '5'], ({ evictionGraceMs }) => evictionGraceMs, 5],
  'max-waiting': [['--max-waiting', '6'], ({ maxWaiting }) => maxWaiting, 6],
  'wait-timeout': [['--wait-timeout', '8'], ({ waitTimeoutMs }) => waitTimeoutMs, 8],
  'connect-timeout': [['--connect-timeout', '11'], ({ connectTimeoutMs }) => connectTimeoutMs, 11],
  'close-timeout': [['--close-timeout', '0'], ({ closeTimeoutMs }) => closeTimeoutMs, 0],
  heartbeat: [['--heartbeat', 'off'], ({ heartbeat }) => heartbeat.isOn, false],
  'heartbeat-misses': [
    ['--heartbeat', '70', '--heartbeat-misses', '2'],
    ({ heartbeat }) => [heartbeat.isOn, heartbeat.idleMs, heartbeat.misses],
    [true, 70, 2],
  ],
  'heartbeat-silence': [['--heartbeat-silence', '90'], ({ heartbeat }) => heartbeat.silenceMs, 90],
  'pool-timeout': [['--pool-timeout', '0'], ({ limits }) => limits.poolTimeoutMs, 0],
  reconnect: [['--reconnect', 'off'], ({ reconnect }) => reconnect.isForAll, false],
  'reconnect-max': [['--reconnect-max', '13', '--reconnect', '12'], ({ reconnect }) => [reconnect.baseMs, reconnect.maxMs], [12, 13]],
  'reconnect-attempts': [['--reconnect-attempts', '2'], ({ reconnect }) => reconnect.attempts, 2],
  'reconnect-stable': [['--reconnect-stable', '14'], ({ reconnect }) => reconnect.stableMs, 14],
  'reconnect-concurrency': [['--reconnect-concurrency', '1'], ({ reconnect }) => reconnect.concurrency, 1],
  breaker: [['--breaker', 'off'], ({ breaker }) => breaker, undefined],
  'breaker-open': [['--breaker', '2', '--breaker-open', '15'], ({ breaker }) => [breaker?.failures, breaker?.openMs], [2, 15]],
  'breaker-max-open': [['--breaker-max-open', '16'], ({ breaker }) => breaker?.maxOpenMs, 16],
  exempt: [
    ['--exempt', '192.0.2.0/24'],
    ({ door }) => ['192.0.2.9', '127.0.0.1'].map((ip) => hasIp(door.exempt, parseIp(ip)!)),
    [true, false],
  ],
}

/** What is this command's own affair. */
const OWN = [
  'listen',
  'connect',
  'keep',
  'cert',
  'identity',
  'only',
  'require-post-quantum',
  'key',
  'echo',
  'send',
  'every',
  'seconds',
  'metrics',
  'json',
  'record',
  'log-level',
  'metrics-listen',
  'ready-when',
  'fleet',
  'fleet-limit',
  'fleet-node',
  'fleet-lease',
  'workers',
]

describe('the settings of run', () => {
  test.each(Object.entries(REACHES))('--%s reaches the manager', (_, [args, inForce, value]) => {
    expect(inForce(managerOf([...SOMEWHERE, ...args]))).toEqual(value)
  })

  test('are all of them tried', () => {
    expect(Object.keys(SETTINGS).toSorted()).toEqual([...Object.keys(REACHES), ...OWN].toSorted())
  })

  test('have the defaults of the manager, but for attempts without end', () => {
    const standard = checkOptions({ maxConnections: 100, limits: { inbound: 80 }, reconnect: { attempts: Infinity } }, PLATFORM)

    expect(plain(managerOf(SOMEWHERE))).toEqual(plain(standard))
  })

  test('do not contradict each other', () => {
    const refused = (...args: readonly string[]) => expect(() => taskOf([...SOMEWHERE, ...args])).toThrow(UsageError)

    refused('--breaker', 'off', '--breaker-open', '5')
    refused('--heartbeat-misses', '1', '--heartbeat', 'off')
    refused('--echo', '--send', 'x')
  })

  test.each([
    [['--admission', 'maybe'], "--admission must be one of reject, queue, evict, got 'maybe'"],
    [['--deny', '10.0.0.300'], "--deny must be a peer id, an IP address or a CIDR, got '10.0.0.300'"],
    [['--exempt', 'ann'], "--exempt must be an IP address or a CIDR, got 'ann'"],
    [['--heartbeat', 'never'], "--heartbeat must be a whole number from 1 to 2147483647, or off, got 'never'"],
    [['--max-inbound', '-1'], '--max-inbound needs a value; one that begins with a dash is written --max-inbound=VALUE'],
    [['--max-inbound=-1'], "--max-inbound must be a whole number from 0 to 1000000, got '-1'"],
  ])('%j is refused in words that name it', (args, message) => {
    expect(() => taskOf(args)).toThrow(new UsageError(message))
  })
})

describe('a configuration', () => {
  test.each([
    [[], 'must hold an object, got a list'],
    ['x', "must hold an object, got 'x'"],
    [null, 'must hold an object, got null'],
    [{ limits: { inbound: 'x' } }, "limits.inbound must be a whole number from 0 to 1000000, got 'x'"],
    [{ limits: { inbound: -1 } }, 'limits.inbound must be a whole number from 0 to 1000000, got -1'],
    [{ limits: { inbound: 1.5 } }, 'limits.inbound must be a whole number from 0 to 1000000, got 1.5'],
    [{ limits: { inbnd: 1 } }, 'limits.inbnd is no field of limits, known are: inbound, dialing, perHost, perSubnet, exempt'],
    [{ limits: 5 }, 'limits must be an object, got 5'],
    [{ limits: false }, 'limits must be an object, got false'],
    [{ breaker: 'off' }, "breaker must be an object, or false, got 'off'"],
    [{ breaker: { failures: false } }, 'breaker.failures must be a whole number from 1 to 1000000, got false'],
    [{ keep: 'tcp://h:1' }, "keep must be a list, got 'tcp://h:1'"],
    [{ keep: ['tcp://h:1', 7] }, 'keep[1] must be a text, got 7'],
    [{ keep: ['tcp://h'] }, "keep[0] must name the port to dial, as tcp://127.0.0.1:7000, got 'tcp://h'"],
    [{ deny: ['10.0.0.0/40'] }, "deny[0] must be a peer id, an IP address or a CIDR, got '10.0.0.0/40'"],
    [{ echo: 'yes' }, "echo must be true or false, got 'yes'"],
    [{ send: 5 }, 'send must be a text, got 5'],
    [{ admission: 'maybe' }, "admission must be one of reject, queue, evict, got 'maybe'"],
    [{ maxConnections: null }, 'maxConnections must be a whole number from 1 to 1000000, got null'],
    [JSON.parse('{"__proto__": {"echo": true}}'), expect.stringContaining('__proto__ is no field, known are: listen, connect, keep')],
    [{ 'limits.inbound': 5 }, expect.stringContaining('limits.inbound is no field, known are: ')],
    [{ max: 5 }, expect.stringContaining('max is no field, known are: ')],
  ])('%j is refused in words that name the field', (config: unknown, message: string) => {
    expect(() => readConfig(config, SETTINGS)).toThrow(expect.objectContaining({ name: 'UsageError', message }))
  })

  test('is read where it is right', () => {
    const config = { keep: ['tcp://h:1'], echo: false, limits: { inbound: 5 }, heartbeat: false, breaker: { openMs: 7 } }

    expect(Object.fromEntries(readConfig(config, SETTINGS))).toEqual({
      keep: ['tcp://h:1'],
      echo: false,
      'limits.inbound': 5,
      heartbeat: false,
      'breaker.openMs': 7,
    })
  })
})

function taskOf(args: readonly string[]) {
  const given = readFlags(args, SETTINGS)
  if (given === 'help') throw new Error('nobody asked for help')
  return readTask(given, undefined)
}

function managerOf(args: readonly string[]): Settings {
  const { maxConnections, manager } = supervisionOf(taskOf(args))
  return checkOptions({ ...manager, maxConnections }, PLATFORM)
}

/** Settings without their functions, which are new ones each time. */
function plain(settings: Settings): unknown {
  return JSON.parse(
    JSON.stringify(settings, (_, value: unknown) => {
      if (typeof value === 'bigint') return String(value)
      return value instanceof Map || value instanceof Set ? [...value] : value
    }),
  )
}
