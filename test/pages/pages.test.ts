/** Each page is short enough, links to what is there, and speaks of methods that exist. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConnectionManager } from 'qudag-connections'
import { expect, test } from 'vitest'
import { PAGES, textOf } from './pages.mjs'

/** The first page is read by whoever just found the project. */
const MOST_BYTES_OF_THE_FIRST = 15 * 1024

/** The rooms whose use is not said by their types alone. */
const ROOMS = [
  'machines',
  'src',
  'src/cli',
  'src/compile',
  'src/console',
  'src/inspect',
  'src/metrics',
  'src/observability',
  'src/runtime',
  'src/testing',
  'src/transports',
  'test/bench',
]

interface Target {
  readonly path: string
  readonly anchor: string | undefined
}

function linksOf(page: string): readonly Target[] {
  return Array.from(textOf(page).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g), ([, path = '', anchor]) => ({ path, anchor })).filter(
    ({ path }) => !path.includes('://'),
  )
}

/** The anchors of a page, as its host makes them of the headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const prose = textOf(page).replace(/^```[\s\S]*?^```/gm, '')
  return new Set(
    Array.from(prose.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

test('the first page is short', () => {
  expect(Buffer.byteLength(textOf('README.md'))).toBeLessThanOrEqual(MOST_BYTES_OF_THE_FIRST)
})

test('every room has a page, and the architecture links to it', () => {
  const pages = ROOMS.map((room) => join(room, 'README.md'))
  const linked = linksOf('src/README.md').map(({ path }) => join('src', path))

  expect(pages.filter((page) => !PAGES.includes(page))).toEqual([])
  expect(pages.filter((page) => page !== 'src/README.md' && !linked.includes(page))).toEqual([])
})

test.each(PAGES)('%s links to files and headings that are there', (page) => {
  const broken = linksOf(page).filter(({ path, anchor }) => {
    const target = path === '' ? page : join(dirname(page), path)
    if (!existsSync(target)) return true
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor)
  })

  expect(broken).toEqual([])
})

test.each(PAGES)('%s speaks of no method that a manager does not have', async (page) => {
  const manager = new ConnectionManager(1)
  const has = (name: string): boolean => name in manager || name in ConnectionManager
  const named = Array.from(textOf(page).matchAll(/\bmanager\.(?!ts\b)([\w$]+)/g), ([, name]) => name!)

  expect(named.filter((name) => !has(name))).toEqual([])
  await manager.shutdown()
})
