/** Every command of the runtime closes its scope whatever throws: each `enter` is followed by a `try` that ends it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOM = 'src/runtime'
const FILES = readdirSync(ROOM, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** The lines of a source that begin a command and do not see to its end, with their numbers. */
function leftOpen(source: string): string[] {
  const lines = source.split('\n')
  return lines.flatMap((line, index) => {
    if (!/\benter\(\)/.test(line) || /^\s*(?:enter\(\): void|[/*])/.test(line)) return []
    return seesToItsEnd(lines, index) ? [] : [`${index + 1}: ${line.trim()}`]
  })
}

/** A `try` on the next line, at the indentation of the statement; its last block leaves the command, or gives it up. */
function seesToItsEnd(lines: readonly string[], index: number): boolean {
  const indentation = /^\s*/.exec(lines[index] ?? '')?.[0] ?? ''
  if (lines[index + 1] !== `${indentation}try {`) return false
  const rest = lines.slice(index + 2)
  const end = rest.indexOf(`${indentation}}`)
  const last = rest.slice(0, end).findLastIndex((line) => new RegExp(`^${indentation}\\} (?:finally|catch)\\b`).test(line))
  return last >= 0 && rest.slice(last, end).some((line) => /\b(?:leave|leaveOrGoOn|giveUp)\b/.test(line))
}

describe('no command of the runtime stays open, whatever throws', () => {
  test.each(FILES)('%s', (file) => {
    expect(leftOpen(readFileSync(join(ROOM, file), 'utf8'))).toEqual([])
  })

  test('there are commands to look at', () => {
    const all = FILES.map((file) => readFileSync(join(ROOM, file), 'utf8'))
    expect(all.join('\n').match(/\benter\(\)$/gm)?.length).toBeGreaterThan(20)
  })
})

describe('a planted violation is found', () => {
  const planted = {
    'no try at all': ['  world.enter()', '  f()', '  world.leave()'],
    'something before the try': ['  world.enter()', '  f()', '  try {', '    g()', '  } finally {', '    world.leave()', '  }'],
    'a finally that does not leave': ['  world.enter()', '  try {', '    world.leave()', '  } finally {', '    f()', '  }'],
    'a try that has no finally': ['  world.enter()', '  try {', '    world.leave()', '  }'],
    'another one that leaves': ['  world.enter()', '  try {', '  } catch {', '  }', '  try {', '  } finally {', '    world.leave()', '  }'],
  }

  test.each(Object.entries(planted))('%s', (_title, lines) => {
    expect(leftOpen(lines.join('\n'))).toEqual(['1: world.enter()'])
  })

  test('… and what is right is borne', () => {
    const right = ['  this.#world.enter()', '  try {', '    f()', '  } finally {', '    this.#world.leaveOrGoOn()', '  }']
    expect(leftOpen(right.join('\n'))).toEqual([])
  })
})
