/** However a WebSocket's bytes are cut, the same messages come out, and an unfinished one costs about its bytes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseClose } from '../../src/transports/websocket-close.ts'
import { Found, unmask, WebSocketFault, WebSocketReader } from '../../src/transports/websocket-reader.ts'

interface Part {
  readonly opcode: number
  readonly isFinal: boolean
  readonly payload: Uint8Array
}

function encode({ opcode, isFinal, payload }: Part, key: number | undefined): Buffer {
  const { length } = payload
  const size =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >>> 8, length & 255]
        : [127, 0, 0, 0, 0, 0, length >>> 16, length >>> 8, length]
  size[0]! |= key === undefined ? 0 : 0x80
  const body = Buffer.from(payload)
  const mask = Buffer.alloc(key === undefined ? 0 : 4)
  if (key !== undefined) {
    mask.writeInt32BE(key)
    for (let n = 0; n < length; n++) body[n]! ^= mask[n % 4]!
  }
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | opcode, ...size]), mask, body])
}

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.integer({ min: 0, max: 70_000 }).map((n) => new Uint8Array(n).fill(n)),
)
const control = fc.record({ opcode: fc.constantFrom(9, 10), isFinal: fc.constant(true), payload: fc.uint8Array({ maxLength: 125 }) })
const message = fc.tuple(fc.array(payload, { minLength: 1, maxLength: 4 }), control).map(([parts, between]): Part[] =>
  parts.flatMap((part, n) => {
    const own = { opcode: n === 0 ? 2 : 0, isFinal: n === parts.length - 1, payload: part }
    return n === 1 ? [between, own] : [own]
  }),
)
const parts = fc
  .array(
    fc.oneof(
      message,
      control.map((one) => [one]),
    ),
    { maxLength: 6 },
  )
  .map((all) => all.flat())

/** What the parts say. */
function meaning(all: readonly Part[]): [Found, string][] {
  const said: [Found, string][] = []
  let open: Uint8Array[] = []
  for (const { opcode, isFinal, payload: bytes } of all) {
    if (opcode > 2) said.push([opcode as Found, Buffer.from(bytes).toString('hex')])
    else {
      open.push(bytes)
      if (!isFinal) continue
      said.push([Found.Message, Buffer.concat(open).toString('hex')])
      open = []
    }
  }
  return said
}

test('however the bytes are cut and masked, the same comes out, and no more is held than twice what came', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(parts, cuts, fc.option(fc.integer(), { nil: undefined }), (all, sizes, key) => {
      const reader = new WebSocketReader(1 << 20, key !== undefined)
      const bytes = Buffer.concat(all.map((part) => encode(part, key)))
      const read: [Found, string][] = []
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const end = Math.min(bytes.length, at + sizes[n % sizes.length]!)
        reader.push(Buffer.from(bytes.subarray(at, end)))
        at = end
        while (reader.next()) if (reader.found !== Found.Part) read.push([reader.found, Buffer.from(reader.take()).toString('hex')])
        expect(reader.unfinishedBytes).toBeLessThanOrEqual(Math.max(16 * 1024, 2 * end))
      }
      expect(read).toEqual(meaning(all))
      expect([reader.hasRest, reader.unfinishedBytes]).toEqual([false, 0])
    }),
    { numRuns: 60 },
  )
})

test('a mask falls on each byte alike, wherever it begins', () => {
  for (let from = 0; from < 9; from++) {
    for (let keyAt = 0; keyAt < 4; keyAt++) {
      const bytes = new Uint8Array(300)
      unmask(bytes, from, 299, 0x81_02_83_04, keyAt)
      const key = [0x81, 0x02, 0x83, 0x04]
      expect([...bytes]).toEqual(Array.from(bytes, (_, at) => (at < from || at >= 299 ? 0 : key[(at - from + keyAt) % 4]!)))
    }
  }
})

test.each([
  ['reserved bits', [0xc2, 0x80, 0, 0, 0, 0]],
  ['an unknown opcode', [0x83, 0x80, 0, 0, 0, 0]],
  ['an unknown control', [0x8b, 0x80, 0, 0, 0, 0]],
  ['no mask', [0x82, 0x00]],
  ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0]],
  ['a message within another', [0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0]],
  ['a control in parts', [0x09, 0x80, 0, 0, 0, 0]],
  ['a control too long', [0x89, 0xfe, 0, 126, 0, 0, 0, 0]],
  ['a long text', [0x81, 0xc9, 0, 0, 0, 0]],
  ['a message too large', [0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]],
])('%s is refused', (_what, bytes) => {
  const reader = new WebSocketReader(1000, true)
  reader.push(Buffer.from(bytes))
  expect(() => {
    while (reader.next());
  }).toThrow(WebSocketFault)
})

test('a close says its code and words, and nothing that is neither', () => {
  expect(parseClose(new Uint8Array(0))).toEqual({ code: 1005, words: '' })
  expect(parseClose(Buffer.from([3, 232, 111, 107]))).toEqual({ code: 1000, words: 'ok' })
  for (const bytes of [[3], [3, 237], [0, 1], [3, 232, 0xff]]) expect(() => parseClose(Buffer.from(bytes))).toThrow(WebSocketFault)
})
