import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEEPEST, FLOORS, mayImport, placeOf } from './floors.mjs'

const PLACES = FLOORS.flat()
const HOUSES = ['machines', 'src']
/** A package of its own that lives in the house: it imports nothing from it. */
const GUEST = 'src/inspect/xstate-inspect/'

describe('the floors of the house', () => {
  test('every source file stands on a floor, no deeper than the linter looks', () => {
    const homeless = HOUSES.flatMap(filesBelow).filter((file) => {
      if (file.endsWith('.md')) return false
      const place = placeOf(file)
      return place === undefined || file.slice(place.length).split('/').length > DEEPEST + 2
    })

    expect(homeless).toEqual([])
  })
})

describe('the linter', () => {
  let home: string
  let found: Finding[]

  // One linter over one planted tree, outside of ours: a violation must never be where a build could see it.
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'qudag-floors-'))
    for (const file of ['oxlint.config.mjs', 'tsconfig.json', 'test/house/floors.mjs']) cpSync(file, join(home, file))
    for (const [file, lines] of Object.entries(planted())) {
      mkdirSync(dirname(join(home, file)), { recursive: true })
      writeFileSync(join(home, file), lines.map((line) => `${line}\n`).join(''))
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(home, 'node_modules'))
    found = await lint(home)
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  test('allows an import of a lower floor, and forbids every other', () => {
    const wrong = crossings().flatMap(({ file, line, from, to }) => {
      const caught = found.some((it) => it.file === file && it.line === line && it.rule.includes('no-restricted-imports'))
      return caught === mayImport(from, to) ? [`${file} importing ${to} is ${caught ? 'caught' : 'missed'}`] : []
    })

    expect(wrong).toEqual([])
  })

  test.each(Object.entries(VIOLATIONS))('finds %s', (_title, { file, line, rule }) => {
    expect(found.filter((it) => it.file === file && it.line === line).map((it) => it.rule)).toContainEqual(expect.stringContaining(rule))
  })

  test.each(INNOCENT)('bears %s in %s', (_line, file) => {
    expect(found.filter((it) => it.file === file && it.rule.includes('restricted'))).toEqual([])
  })
})

interface Finding {
  readonly file: string
  readonly line: number
  readonly rule: string
}

interface Violation {
  readonly file: string
  readonly line: number
  readonly lines: readonly string[]
  readonly rule: string
}

function violation(file: string, rule: string, ...lines: string[]): Violation {
  return { file, line: lines.length, lines, rule }
}

const VIOLATIONS: Readonly<Record<string, Violation>> = {
  'a circle': violation('src/runtime/world/circle-a.ts', 'no-cycle', `import { b } from './circle-b.ts'`),
  'a circle of types': violation('src/runtime/world/types-a.ts', 'no-cycle', `import type { B } from './types-b.ts'`),
  'Date.now in a machine': violation('machines/policy/clocked.ts', 'no-restricted-globals', 'export const now = Date.now()'),
  'Date.now in a machine, by its long name': violation(
    'machines/policy/long-clocked.ts',
    'no-restricted-properties',
    'export const now = globalThis.Date.now()',
  ),
  'Math.random in a machine': violation('machines/policy/dice.ts', 'no-restricted-properties', 'export const six = Math.random()'),
  'a timer in a machine': violation('machines/timed.ts', 'no-restricted-globals', 'export const id = setTimeout(() => {}, 1)'),
  'rxjs in a machine': violation('machines/streamed.ts', 'no-restricted-imports', `export { Subject } from 'rxjs'`),
  'a node: module in a machine': violation('machines/domain/filed.ts', 'no-restricted-imports', `export { rmSync } from 'node:fs'`),
  'a way round through a longer path': violation(
    'src/transports/detour.ts',
    'no-restricted-imports',
    `export * from './../runtime/world/planted.ts'`,
  ),
  'a way round through an allowed room': violation(
    'src/transports/long-detour.ts',
    'no-restricted-imports',
    `export * from '../../machines/domain/../peer-machine.ts'`,
  ),
  'a way round from a room of the runtime to another': violation(
    'src/runtime/peers/detour.ts',
    'no-restricted-imports',
    `export * from '../../runtime/time/planted.ts'`,
  ),
  'a room of the runtime that looks up': violation(
    'src/runtime/peers/upward.ts',
    'no-restricted-imports',
    `export * from '../supervisor/planted.ts'`,
  ),
  'a room of the runtime that looks at its neighbour': violation(
    'src/runtime/pool/sideways.ts',
    'no-restricted-imports',
    `export * from '../admission/planted.ts'`,
  ),
  'a way round through the package name': violation('src/transports/self.ts', 'no-restricted-imports', `export * from 'qudag-connections'`),
  'a way round through a subpath': violation(
    'src/runtime/world/self.ts',
    'no-restricted-imports',
    `export * from 'qudag-connections/metrics'`,
  ),
  'a way round through #platform': violation('src/runtime/world/platform.ts', 'no-restricted-imports', `export * from '#platform'`),
  'a way round through import()': violation(
    'src/runtime/world/lazy.ts',
    'no-restricted-imports',
    `export const face = () => import('../../index.ts')`,
  ),
  'a way round through the type import()': violation(
    'src/runtime/world/typed.ts',
    'consistent-type-imports',
    `export type Face = import('../../index.ts').Face`,
  ),
  'a floating promise': violation('src/runtime/world/floating.ts', 'no-floating-promises', 'Promise.resolve()'),
  'a skipped test': violation('test/skipped.test.ts', 'no-disabled-tests', `import { test } from 'vitest'`, `test.skip('never', () => {})`),
}

const INNOCENT = [
  [`export * from 'xstate'`, 'machines/innocent.ts'],
  [`export const now = Date.now()`, 'src/innocent-clock.ts'],
  [`export * from '#platform'`, 'src/innocent-platform.ts'],
  [`export * from 'rxjs'`, 'src/runtime/world/innocent.ts'],
] as const

/** Every file to plant, with its lines. */
function planted(): Record<string, string[]> {
  const files: Record<string, string[]> = {
    'src/runtime/world/circle-b.ts': [`import { a } from './circle-a.ts'`, 'export const b = () => a'],
    'src/runtime/world/types-b.ts': [`import type { A } from './types-a.ts'`, 'export interface B { a: A }'],
  }
  for (const { file, lines } of Object.values(VIOLATIONS)) files[file] = [...lines]
  files['src/runtime/world/circle-a.ts']?.push('export const a = () => b')
  files['src/runtime/world/types-a.ts']?.push('export interface A { b: B }')
  for (const [line, file] of INNOCENT) files[file] = [line]
  for (const { file, line, specifier } of crossings()) (files[file] ??= [])[line - 1] = `import '${specifier}'`
  return files
}

/** One import for each pair of places, from every depth at which a file may be. */
function crossings(): { file: string; line: number; specifier: string; from: string; to: string }[] {
  return PLACES.flatMap((from) => {
    const depths = isFolder(from) ? Array.from({ length: DEEPEST + 1 }, (_, depth) => depth) : [0]
    return depths.flatMap((depth) => {
      const file = isFolder(from) ? `${from}/${'deep/'.repeat(depth)}planted.ts` : from.replace('*', 'planted.ts')
      const targets = PLACES.flatMap((to) => {
        if (!isFolder(to)) return [{ to, path: to.replace('*', 'neighbour.ts') }]
        return [
          { to, path: `${to}/neighbour.ts` },
          { to, path: `${to}/deep/neighbour.ts` },
        ]
      }).filter(({ path }) => path !== file)
      return targets.map(({ to, path }, index) => {
        const specifier = posix.relative(posix.dirname(file), path)
        return { file, line: index + 1, specifier: specifier.startsWith('.') ? specifier : `./${specifier}`, from, to }
      })
    })
  })
}

/** What the linter finds in a tree, as its own configuration there has it. */
function lint(cwd: string): Promise<Finding[]> {
  const oxlint = join(process.cwd(), 'node_modules/oxlint/bin/oxlint')
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [oxlint, '-c', 'oxlint.config.mjs', '-f', 'unix', ...HOUSES, 'test'],
      { cwd, maxBuffer: 1 << 26 },
      (_failed, stdout) => {
        resolve(
          [...stdout.matchAll(/^([^:\n]+):(\d+):\d+: .*\[(?:Error|Warning)\/(.+)\]$/gm)].map(([, file = '', line, rule = '']) => ({
            file,
            line: Number(line),
            rule,
          })),
        )
      },
    )
  })
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(GUEST))
}

function isFolder(place: string): boolean {
  return !place.endsWith('.ts') && !place.endsWith('*')
}
