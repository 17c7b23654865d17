/** Any cutting of any frames gives the same frames. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  controlFrame,
  controlId,
  FrameKind,
  FrameReader,
  GOODBYE,
  HEADER_BYTES,
  PREAMBLE,
  writeDataHeader,
} from '../../src/transports/frames.ts'

type Frame = { kind: FrameKind; payload: Uint8Array }

const LIMIT = 200_000

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 300 }).map((payload) => ({ kind: FrameKind.Data, payload })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: LIMIT }).map((length) => ({
      kind: FrameKind.Data,
      payload: new Uint8Array(length).map((_, at) => (at * 7) & 0xff),
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(FrameKind.Ping, FrameKind.Pong), fc.integer({ min: 0, max: 0xffff_ffff }))
      .map(([kind, id]) => ({ kind, payload: controlFrame(kind, id).subarray(HEADER_BYTES) })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: FrameKind.Goodbye, payload: new Uint8Array(0) }) },
)

test('any cutting of any frames gives the same frames', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 40 }), fc.boolean(), (frames, cuts, pauses) => {
      const bytes = encode(frames)
      const reader = new FrameReader(LIMIT)
      const got: Frame[] = []
      for (const chunk of cut(bytes, cuts)) {
        reader.push(chunk)
        // A reader that is paused is left with a rest; more may come on top of it.
        if (pauses && chunk.length % 3 === 0) readOne(reader, got)
        else while (readOne(reader, got));
      }
      while (readOne(reader, got));
      expect(got.length).toBe(frames.length + 1)
      expect(got[0]!.kind).toBe(FrameKind.Preamble)
      for (const [i, frame] of frames.entries()) {
        expect(got[i + 1]!.kind).toBe(frame.kind)
        expect(Buffer.compare(got[i + 1]!.payload, frame.payload)).toBe(0)
      }
      expect(reader.hasRest).toBe(false)
    }),
  )
})

test('bytes of any kind give frames or an error, and no more memory than they are', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
      const reader = new FrameReader(LIMIT)
      reader.push(PREAMBLE)
      let arrived = 0
      let delivered = 0
      try {
        for (const chunk of chunks) {
          arrived += chunk.length
          reader.push(chunk)
          while (reader.next()) delivered += reader.take().length
        }
      } catch (error) {
        expect(['EPROTO', 'ERR_FRAME_TOO_LARGE']).toContain((error as { code: string }).code)
      }
      expect(delivered).toBeLessThanOrEqual(arrived)
    }),
  )
})

test('an id comes back as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (id) => {
      expect(controlId(controlFrame(FrameKind.Ping, id).subarray(HEADER_BYTES))).toBe(id)
    }),
  )
})

function encode(frames: readonly Frame[]): Uint8Array {
  const parts = frames.map(({ kind, payload }) => {
    if (kind === FrameKind.Goodbye) return GOODBYE
    if (kind === FrameKind.Ping || kind === FrameKind.Pong) return controlFrame(kind, controlId(payload))
    const frame = new Uint8Array(HEADER_BYTES + payload.length)
    writeDataHeader(frame, 0, payload.length)
    frame.set(payload, HEADER_BYTES)
    return frame
  })
  return Buffer.concat([PREAMBLE, ...parts])
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...cuts.map((at) => at % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b)
  return places.slice(1).map((end, i) => bytes.slice(places[i], end))
}

function readOne(reader: FrameReader, got: Frame[]): boolean {
  if (!reader.next()) return false
  got.push({ kind: reader.kind, payload: reader.take() })
  return true
}
