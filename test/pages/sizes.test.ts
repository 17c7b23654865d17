/** Sizes of files: none has more than 300 lines, but those that are named here with their reason. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const MOST_LINES = 300

/** Files that stay larger. */
const LARGER: Readonly<Record<string, string>> = {
  'machines/peer-machine.ts': 'the statechart of a peer is read as one',
  'test/properties/behaviour.test.ts': 'the table of behaviours: a row a state and event, read as one',
}

describe('the size of a file', () => {
  test('is at most 300 lines in every source file that is not named', () => {
    const tooLarge = sources().filter((file) => linesOf(file) > MOST_LINES && !isExcepted(file))

    expect(tooLarge.map((file) => `${file}: ${linesOf(file)} lines; take a noun out of it`)).toEqual([])
  })

  test.each(Object.keys(LARGER))('%s is named because it needs to be', (file) => {
    expect(existsSync(file) && linesOf(file)).toBeGreaterThan(MOST_LINES)
  })

  test('is counted over a tree that is there', () => {
    expect(sources().length).toBeGreaterThan(300)
    expect(linesOf('machines/peer-machine.ts')).toBeGreaterThan(MOST_LINES)
  })
})

/** What is written by hand: tracked, of this package, and no page's bundle. */
function sources(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src', 'machines', 'test', 'examples'], { encoding: 'utf8' })
  return listed
    .split('\n')
    .filter((file) => /\.(?:ts|tsx|mjs|js|css)$/.test(file) && !/node_modules|xstate-inspect|\/generated\//.test(file) && existsSync(file))
}

function linesOf(file: string): number {
  return readFileSync(file, 'utf8').trimEnd().split('\n').length
}

function isExcepted(file: string): boolean {
  return Object.hasOwn(LARGER, file)
}
