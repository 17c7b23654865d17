/** Faults of the ends of links, and of pings. */
import { type Planted, CHUNK, is, never, bound } from './planted-fault.ts'

/** How a link ends may be wrong. */
export const END_FAULTS: readonly Planted[] = [
  [
    'closes without flushing the last message',
    ['close flushes'],
    {
      link: (l) => {
        let isClosing = false
        return {
          send(d) {
            if (!is(d, 99, CHUNK)) return l.send(d)
            queueMicrotask(() => void (isClosing || l.send(d)))
            return true
          },
          close(why) {
            isClosing = true
            return l.close(why)
          },
        }
      },
    },
  ],
  [
    'says that it is closed before the other side has read',
    ['close waits'],
    {
      link: (l) => ({
        close(why) {
          void l.close(why)
          return Promise.resolve()
        },
      }),
    },
  ],
  [
    'drops what comes while it closes',
    ['close waits', 'both sides may close'],
    {
      link: (l) => {
        let isClosing = false
        return {
          attach: (h) => l.attach({ ...bound(h), message: (d) => void (isClosing || h.message(d)) }),
          close(why) {
            isClosing = true
            return l.close(why)
          },
        }
      },
    },
  ],
  [
    'tells its end twice',
    ['close twice'],
    {
      handler: (h) => ({
        closed(r) {
          h.closed(r)
          if (r.kind === 'remote') setImmediate(() => h.closed(r))
        },
      }),
    },
  ],
  [
    'rejects a close after the end',
    ['close twice'],
    { link: (l, s) => ({ close: (why) => (s.isOver() ? Promise.reject(new Error('over already')) : l.close(why)) }) },
  ],
  [
    'tells of an abort later',
    ['abort ends our side', 'abort while closing', 'the path vanishes: no end'],
    { handler: (h) => ({ closed: (r) => (r.kind === 'local' ? queueMicrotask(() => h.closed(r)) : h.closed(r)) }) },
  ],
  [
    'tells the other side of an abort as an error',
    ['abort ends our side'],
    {
      link: (l, { sent }) => ({
        abort: (cause) => l.abort(cause ?? ([...sent.values()].some((words) => words.length > 0) ? new Error('no cause') : undefined)),
      }),
    },
  ],
  ['tells the other side of a cause as a close', ['abort with a cause'], { link: (l) => ({ abort: () => l.abort() }) }],
  [
    'leaves a close hanging that was aborted',
    ['abort while closing'],
    {
      link: (l) => {
        let isAborted = false
        return {
          abort(cause) {
            isAborted = true
            l.abort(cause)
          },
          close: (why) => (isAborted ? Promise.resolve() : l.close(why).then(() => (isAborted ? never<void>() : undefined))),
        }
      },
    },
  ],
  [
    'delivers one more message after an abort',
    ['a handler may abort'],
    {
      handler: (h, _, s) => ({
        message(d) {
          h.message(d)
          if (s.isOver()) h.message(d)
        },
      }),
    },
  ],
  [
    'accepts messages when it is over',
    ['once it is over or closing, send'],
    {
      link: (l) => ({
        send(d) {
          try {
            return l.send(d)
          } catch (error) {
            if ((error as { code?: string }).code === 'ERR_NOT_CONNECTED') return true
            throw error
          }
        },
      }),
    },
  ],
]

/** What comes of a ping may be wrong. */
export const PING_FAULTS: readonly Planted[] = [
  [
    'never answers a ping when it is over',
    ['once it is over, ping'],
    { link: (l, s) => ({ ping: (signal) => (s.isOver() ? never<number>() : l.ping!(signal)) }) },
  ],
  [
    'measures a thousand times too much',
    ['a ping measures'],
    { link: (l) => ({ ping: async (signal) => (await l.ping!(signal)) * 1000 + 1e6 }) },
  ],
  [
    'loses a ping under load',
    ['a ping comes back under load'],
    { link: (l) => ({ ping: (signal) => (l.bufferedBytes > CHUNK ? never<number>() : l.ping!(signal)) }) },
  ],
  [
    'leaves a listener for each ping',
    ['a ping ends with its signal'],
    {
      link: (l) => ({
        ping(signal) {
          signal.addEventListener('abort', () => {})
          return l.ping!(signal)
        },
      }),
    },
  ],
  [
    'does not listen to the signal of a ping',
    ['a ping ends with its signal', 'the path vanishes: a ping'],
    { link: (l) => ({ ping: () => l.ping!(new AbortController().signal) }) },
  ],
  [
    'leaves a ping hanging when the link ends',
    ['a ping rejects'],
    {
      link: (l, s) => ({
        ping: (signal) =>
          s.isOver()
            ? l.ping!(signal)
            : l.ping!(signal).catch((error: unknown) => (signal.aborted ? Promise.reject(error) : never<number>())),
      }),
    },
  ],
]
