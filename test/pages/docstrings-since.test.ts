/** Docstrings of the public exports say since when each is there. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { declarationsIn, publicDocstrings } from './docstrings.ts'

const DOCSTRINGS = publicDocstrings()
const SINCE = /@since (\d+\.\d+\.\d+)$/m
/** What has been or is being released: what stands under Unreleased is the next minor version. */
const RELEASED = Array.from(readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## (\d+)\.(\d+)\.(\d+)/gm), ([, major, minor, patch]) => ({
  version: `${major}.${minor}.${patch}`,
  next: `${major}.${Number(minor) + 1}.0`,
}))
const VERSIONS = [RELEASED[0]!.next, ...RELEASED.map(({ version }) => version)]

describe('since', () => {
  test.each([...new Set(DOCSTRINGS.map(({ entry }) => entry))])('%s: every export says it', (entry) => {
    const bare = DOCSTRINGS.filter((one) => one.entry === entry && !SINCE.test(one.text))

    expect(bare.map(({ name, file, line }) => `${name} (${file}:${line})`)).toEqual([])
  })

  test('names a version that the changelog has, or will have', () => {
    const strange = DOCSTRINGS.filter(({ text }) => !VERSIONS.includes(SINCE.exec(text)?.[1] ?? ''))

    expect(strange.map(({ name, text }) => `${name}: ${SINCE.exec(text)?.[1]}`)).toEqual([])
  })

  test('is missed where it is missing', () => {
    const source = '/** Told. @since 0.1.0 */\nexport const told = 1\n\n/** Not told. */\nexport const bare = 1\n'

    expect(declarationsIn('a.ts', source).map(({ name, text }) => [name, SINCE.test(text)])).toEqual([
      ['told', true],
      ['bare', false],
    ])
  })
})
