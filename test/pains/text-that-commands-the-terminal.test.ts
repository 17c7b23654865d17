/** No text of a stranger commands a terminal, turns round a line, or is another text on the wire. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, printableJson } from '../../machines/domain/plain-text.ts'
import { plainLine } from '../../src/cli/plain-lines.ts'
import { readPageMessage } from '../../src/console/page-message.ts'
import { ConnectionManager } from '../../src/index.ts'
import { readLine } from '../../src/inspect/record/line-check.ts'
import { scripted } from '../../src/testing/index.ts'

const EVIL = [
  '\u001B[2J',
  '\u001B]0;x\u0007',
  '\u009B',
  '\u202E',
  '\u2066',
  '\u200E',
  '\u061C',
  '\u2028',
  '\uD800',
  '\u007F',
  '\u200B',
  '\u{E0041}',
]
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const hostile = fc.array(fc.oneof(fc.constantFrom(...EVIL), fc.string({ unit: 'binary' }))).map((parts) => parts.join(''))

test('what is printed has no control character, no mark of direction and no half character; JSON says the same value', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVIL, 'a', '"', '\\')), (parts) => {
      const text = parts.join('')
      expect(printable(text)).not.toMatch(FORBIDDEN)
      expect(plainLine(0, 'failed', text)).not.toMatch(FORBIDDEN)
      const json = printableJson({ text })
      expect(json).not.toMatch(FORBIDDEN)
      expect(JSON.parse(json)).toEqual({ text })
    }),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      expect(JSON.parse(printableJson(text))).toBe(text)
    }),
  )
})

test('a peer id with a lone surrogate is refused by name, as an argument, of a page and in a recording', async () => {
  const manager = new ConnectionManager(2, { transport: scripted() })
  for (const id of ['\uD800', 'a\uDC00b', '\uDC00\uD800']) {
    await expect(manager.connect(id)).rejects.toThrow(/peerId must be well-formed/)
    expect(() => manager.tag(id, 'x', 1)).toThrow(/peerId must be well-formed/)
    expect(() => manager.tag('a', id, 1)).toThrow(/name must be well-formed/)
    expect(() => readPageMessage(JSON.stringify({ type: 'look', peerId: id }))).toThrow('peerId must be a peer id')
    expect(() => readLine(JSON.stringify({ at: 1, s: 1, p: id, e: { type: 'x' } }))).toThrow('well-formed')
    const restore = { version: 1 as const, at: 1, peers: [{ peerId: id, addresses: [], tags: [], protections: {} }] }
    expect(() => new ConnectionManager(2, { restore })).toThrow(/restore.peers\[0\].peerId is no peer id/)
  }
  expect(manager.status('😀')).toBeUndefined()
  await manager.shutdown()
})
