import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkOptions } from '../../src/runtime/options/check-options.ts'
import type { Platform } from '../../src/runtime/options/settings.ts'
import { errorCodes, optionsOf } from './docs.mjs'
import { textOf } from './pages.mjs'

const PLATFORM: Platform = {
  clock: { now: () => 0, setTimeout: () => 0, clearTimeout: () => {} },
  transports: () => [],
  memoryUsage: () => 0,
  warn: () => {},
  nextTick: () => {},
}

describe('the table of options', () => {
  test('gives the defaults that are in force', () => {
    const settings = checkOptions({ maxConnections: 7 }, PLATFORM)
    const { limits, maxDialing, door, metrics, reconnect, breaker, heartbeat, retention } = settings
    const { arrivals, pendingInbound } = door
    const under = (name: string, options: object = {}): object =>
      Object.fromEntries(Object.entries(options).map(([option, value]) => [`${name}.${option}`, value]))
    const inForce: Readonly<Record<string, unknown>> = {
      ...settings,
      ...limits,
      ...under('limits', { dialing: maxDialing, pendingInbound, perHost: arrivals.perHost, perSubnet: arrivals.perSubnet }),
      ...under('rate', { ...arrivals.hostRate, total: arrivals.totalRate?.perSecond }),
      ...under('reconnect', reconnect),
      ...under('breaker', breaker),
      ...under('heartbeat', heartbeat),
      ...under('metrics', metrics),
      ...under('retention', retention),
    }
    const documented = optionsOf('src/runtime/options/options.ts', 'ManagerOptions')
    const numbers = documented.flatMap(({ name, fallback }) => {
      const number = Number(fallback.split(':')[0]?.replaceAll('_', ''))
      return Number.isNaN(number) ? [] : [[name, number] as const]
    })

    expect(numbers.length).toBeGreaterThanOrEqual(8)
    expect(Object.fromEntries(numbers)).toEqual(Object.fromEntries(numbers.map(([name]) => [name, inForce[name]])))
    expect(documented.filter(({ says, fallback }) => says === '' || fallback === '')).toEqual([])
  })

  test('has every option that is checked', () => {
    // What the check reads off its argument, seen by reading it through a proxy.
    const read = new Set<string>()
    const options = new Proxy(
      { maxConnections: 1 },
      { get: (target, name) => (read.add(String(name)), Reflect.get(target, name) as unknown) },
    )
    checkOptions(options, PLATFORM)
    const documented = new Set(optionsOf('src/runtime/options/options.ts', 'ManagerOptions').map(({ name }) => name.split('.')[0]))

    expect([...read].filter((name) => name !== 'maxConnections' && !documented.has(name))).toEqual([])
  })
})

describe('the table of errors', () => {
  const rows = Array.from(textOf('src/ERRORS.md').matchAll(/^\| `(ERR_\w+)` +\| (.*?) +\| (.*?) *\|$/gm), ([, code, when, remedy]) => ({
    code,
    when,
    remedy,
  }))

  test('has each code once', () => {
    const documented = rows.map(({ code }) => code)

    expect(new Set(documented)).toEqual(new Set(errorCodes().map(({ code }) => code)))
    expect(documented.length).toBe(new Set(documented).size)
  })

  test('says of a code that it is reserved exactly where nothing makes an error of it', () => {
    const sources = ['src', 'machines']
      .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
      .filter((file) => file.endsWith('.ts') && file !== join('src', 'errors.ts'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    const unused = errorCodes().flatMap(({ code }) => (isMade(sources, code) ? [] : [code]))

    expect(rows.flatMap(({ code, when }) => (when?.startsWith('reserved') === true ? [code] : []))).toEqual(unused)
  })
})

describe('the page of the wire', () => {
  const page = textOf('src/transports/README.md')
  const inCode = (text: string): string[] => Array.from(text.matchAll(/`([^`]+)`/g), ([, word]) => word!)

  test('has every refusal that a manager or a transport says, under its code', () => {
    const told = new Set(
      Array.from(page.matchAll(/^\| `(ERR_\w+)` +\| (.*) \|$/gm), ([, code, reasons]) =>
        inCode(reasons!).map((reason) => `${code} ${reason}`),
      ).flat(),
    )
    const folder = join('src', 'transports')
    const transports = readdirSync(folder).flatMap((file) => (file.endsWith('.ts') ? [readFileSync(join(folder, file), 'utf8')] : []))
    const ofTransports = transports.flatMap((source) => Array.from(source.matchAll(/\{ code: '(ERR_\w+)', reason: '([\w-]+)' \}/g)))
    const ofManager = readFileSync('src/runtime/admission/arriving.ts', 'utf8').matchAll(/^ {2}'?([\w-]+)'?: '(ERR_\w+)',$/gm)
    const said = [
      ...ofTransports.map(([, code, reason]) => `${code} ${reason}`),
      ...Array.from(ofManager, ([, reason, code]) => `${code} ${reason}`),
    ]

    expect(said.length).toBeGreaterThan(15)
    expect(said.filter((refusal) => !told.has(refusal))).toEqual([])
  })

  test('has every reason of an end', () => {
    const [, union] = /export type EndReason = (.*)/.exec(readFileSync('src/transports/transport.ts', 'utf8'))!
    const rows = Array.from(page.matchAll(/^\| `([a-z]+)` +\|/gm), ([, word]) => word!)

    expect(rows).toEqual(expect.arrayContaining(Array.from(union!.matchAll(/'(\w+)'/g), ([, word]) => word!)))
  })
})

/** Whether it stands anywhere but in the table of the words that the other side is told: those make no error here. */
function isMade(sources: string, code: string): boolean {
  return sources.split('\n').some((line) => line.includes(`'${code}'`) && !/^ {2}('[\w-]+'|\w+): 'ERR_\w+',$/.test(line))
}
