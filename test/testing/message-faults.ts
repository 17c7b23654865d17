/** Faults of messages: bytes, their order, and when they are delivered. */
import { MAX_FRAME_BYTES } from './planted-transport.ts'
import { type Planted, KIB, numberOf, is } from './planted-fault.ts'

/** What becomes of messages may be wrong. */
export const MESSAGE_FAULTS: readonly Planted[] = [
  ['loses empty messages', ['messages from 0'], { handler: (h) => ({ message: (d) => void (d.length > 0 && h.message(d)) }) }],
  [
    'cuts the last byte of a message of 8 KiB',
    ['messages from 0'],
    { handler: (h) => ({ message: (d) => h.message(d.length === 8 * KIB ? d.subarray(1) : d) }) },
  ],
  ['drops one message', ['a thousand'], { link: (l) => ({ send: (d) => is(d, 501, 5) || l.send(d) }) }],
  [
    'delivers one message twice',
    ['a thousand'],
    { handler: (h) => ({ message: (d) => [d, ...(is(d, 601, 5) ? [d] : [])].forEach((m) => h.message(m)) }) },
  ],
  [
    'swaps two messages',
    ['a thousand'],
    {
      handler: (h) => {
        let held: Uint8Array | undefined
        return {
          message(d) {
            if (is(d, 701, 5)) return void (held = d)
            h.message(d)
            if (held !== undefined) h.message(held)
            held = undefined
          },
        }
      },
    },
  ],
  [
    'sends the bytes that the sender has written since',
    ['a message is plain bytes'],
    {
      link: (l) => ({
        send(d) {
          if (d.length !== 100 || d[0] === 0) return l.send(d)
          queueMicrotask(() => l.send(d))
          return true
        },
      }),
    },
  ],
  [
    'delivers Buffers',
    ['a message is plain bytes'],
    { handler: (h) => ({ message: (d) => h.message(d.length === 100 && d[0] !== 0 ? Buffer.from(d) : d) }) },
  ],
  [
    'cuts the largest message',
    ['a message of the largest'],
    { handler: (h) => ({ message: (d) => h.message(d.length === MAX_FRAME_BYTES ? d.subarray(1) : d) }) },
  ],
  ['swallows what is too large', ['one byte more'], { link: (l) => ({ send: (d) => d.length > MAX_FRAME_BYTES || l.send(d) }) }],
  [
    'ends the link over what is too large',
    ['one byte more'],
    {
      link: (l) => ({
        send(d) {
          if (d.length > MAX_FRAME_BYTES) l.abort()
          return l.send(d)
        },
      }),
    },
  ],
  [
    'loses what came before attach',
    ['nothing is lost before attach'],
    {
      handler: (h) => {
        let isFresh = true
        setImmediate(() => (isFresh = false))
        return { message: (d) => void ((d.length === 1000 && numberOf(d) < 100 && isFresh) || h.message(d)) }
      },
    },
  ],
  [
    'delivers from within attach',
    ['nothing is lost before attach', 'a handler may abort'],
    {
      link: (l, { sent }) => ({
        attach(h) {
          const early = [...sent].some(([other, words]) => other !== l && words.join() === '0,1,2,3,4,5,6,7,8,9')
          let skip = early ? 1 : 0
          l.attach({ message: (d) => void (skip-- > 0 || h.message(d)), drain: () => h.drain(), closed: (r) => h.closed(r) })
          if (early) h.message(new Uint8Array(1000))
        },
      }),
    },
  ],
  [
    'tells an early end from within attach',
    ['a link that ended before attach'],
    { link: (l, s) => ({ attach: (h) => (s.isOver() ? h.closed({ kind: 'local' }) : l.attach(h)) }) },
  ],
  [
    'never tells an early end',
    ['a link that ended before attach'],
    { link: (l, s) => ({ attach: (h) => void (s.isOver() || l.attach(h)) }) },
  ],
  [
    'lets a second handler in',
    ['attach is for once'],
    {
      link: (l) => {
        let isAttached = false
        return {
          attach(h) {
            if (!isAttached) l.attach(h)
            isAttached = true
          },
        }
      },
    },
  ],
  [
    'delivers from within resume',
    ['nothing is delivered from within send'],
    {
      link: (l, { sent }) => {
        let deliver: (d: Uint8Array) => void
        let isPaused = false
        return {
          attach(h) {
            deliver = (d) => h.message(d)
            l.attach(h)
          },
          pause() {
            isPaused = true
            l.pause()
          },
          resume() {
            const waits = [...sent].some(([, words]) => words.join() === '1,2')
            if (isPaused && waits && [...sent.values()].some((words) => words.join() === '1')) deliver(new Uint8Array(4))
            isPaused = false
            l.resume()
          },
        }
      },
    },
  ],
]
