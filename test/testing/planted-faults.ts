/** For every row of the transport suite there is a fault that it finds. */
import type { Link } from 'qudag-connections'
import { listenerOf, MAX_FRAME_BYTES, type Plant } from './planted-transport.ts'

/** A fault and the rows that must find it, by their beginnings. */
export type Planted = readonly [name: string, rows: readonly string[], plant: Plant]

const KIB = 1024
const CHUNK = 64 * KIB
const REMOTE = { kind: 'remote' } as const

const numberOf = (data: Uint8Array): number => (data.length < 4 ? -1 : new DataView(data.buffer, data.byteOffset).getUint32(0))
const is = (data: Uint8Array, n: number, length: number): boolean => data.length === length && numberOf(data) === n
const never = <T>(): Promise<T> => new Promise(() => {})

const IS_DONE = 'a dial is done when'
const IS_REFUSED = 'a refusal reaches'
const IS_GONE = 'an arrival that is gone'

export const PLANTED: readonly Planted[] = [
  // admission
  ['hands over links where it is asked for arrivals', [IS_DONE, IS_REFUSED, IS_GONE], { isPlain: true }],
  [
    'admits before anybody has',
    [IS_DONE, IS_REFUSED, IS_GONE],
    {
      arrival(a) {
        const link = a.admit()
        return { admit: () => link }
      },
    },
  ],
  ['refuses without a reason', [IS_REFUSED], { arrival: (a) => ({ refuse: ({ code }) => a.refuse({ code, reason: 'unknown' }) }) }],
  ['makes up a code', [IS_REFUSED], { arrival: (a) => ({ refuse: (refusal) => a.refuse({ ...refusal, code: 'ERR_DENIED' }) }) }],
  ['loses the pause of a refusal', [IS_REFUSED], { arrival: (a) => ({ refuse: ({ code, reason }) => a.refuse({ code, reason }) }) }],
  ['does not tell that an arrival is gone', [IS_GONE], { arrival: () => ({ onGone() {} }) }],
  [
    'tells everybody who asked that an arrival is gone',
    [IS_GONE],
    {
      arrival(a) {
        const all: (() => void)[] = []
        return {
          onGone(f) {
            all.push(f)
            a.onGone(() => all.splice(0).forEach((g) => g()))
          },
        }
      },
    },
  ],
  [
    'gives a link of an arrival that is gone',
    [IS_GONE],
    {
      arrival: (a) => ({
        admit() {
          try {
            return a.admit()
          } catch {
            return { remoteAddress: '', bufferedBytes: 0, attach() {}, send: () => true, pause() {}, resume() {}, close: never, abort() {} }
          }
        },
      }),
    },
  ],
  ['does not say why it closes', ['a close says why'], { link: (l) => ({ close: () => l.close() }) }],
  [
    'makes up a reason',
    ['a close says why'],
    { handler: (h) => ({ closed: (end) => h.closed(end.kind === 'remote' ? { reason: 'idle', ...end } : end) }) },
  ],
  // messages
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

  // pressure
  [
    'cuts a byte of what waited for a reader',
    ['a reader that stops'],
    {
      link: (l) => {
        let resumed = false
        return {
          attach: (h) => l.attach({ ...bound(h), message: (d) => h.message(resumed && d.length === CHUNK ? d.subarray(0, -1) : d) }),
          resume() {
            resumed = true
            l.resume()
          },
        }
      },
    },
  ],
  [
    'does not pause',
    [
      'a reader that stops',
      'bufferedBytes is',
      'drain tells',
      'pause holds',
      'a side that reads nothing',
      'close waits',
      'abort while closing',
      'the other side crashes while',
    ],
    { link: () => ({ pause() {} }) },
  ],
  [
    'never pushes back',
    [
      'a reader that stops',
      'bufferedBytes is',
      'drain tells',
      'a link that nobody',
      'a side that reads nothing',
      'close waits',
      'abort while closing',
      'the other side crashes while',
      'the path vanishes: no end',
      'the path vanishes and comes back',
    ],
    { link: (l) => ({ send: (d) => l.send(d) || true }) },
  ],
  [
    'tells a drain before anything has left',
    [
      'a reader that stops',
      'bufferedBytes is',
      'drain tells',
      'a link that nobody',
      'a side that reads nothing',
      'close waits',
      'abort while closing',
      'the other side crashes while',
      'the path vanishes: no end',
      'the path vanishes and comes back',
    ],
    {
      link: (l) => {
        let drain = (): void => {}
        return {
          attach(h) {
            drain = () => h.drain()
            l.attach(h)
          },
          send(d) {
            const goesOn = l.send(d)
            if (!goesOn) queueMicrotask(() => drain())
            return goesOn
          },
        }
      },
    },
  ],
  ['says that nothing is buffered', ['bufferedBytes is'], { link: () => ({ bufferedBytes: 0 }) }],
  [
    'never says that what was buffered has left',
    ['bufferedBytes is'],
    {
      link: (l) => {
        let most = 0
        let isDone = false
        return {
          abort(cause) {
            isDone = true
            l.abort(cause)
          },
          get bufferedBytes() {
            most = Math.max(most, l.bufferedBytes)
            return isDone ? 0 : most
          },
        }
      },
    },
  ],
  ['never drains', ['drain tells'], { handler: () => ({ drain() {} }) }],
  [
    'says false for ever after a drain',
    ['drain tells'],
    {
      link: (l) => {
        let hasDrained = false
        return {
          attach: (h) =>
            l.attach({
              ...bound(h),
              drain() {
                hasDrained = true
                h.drain()
              },
            }),
          send: (d) => l.send(d) && !hasDrained,
        }
      },
    },
  ],
  [
    'reads without bounds before attach',
    ['a link that nobody', 'both sides may close', 'a handler may abort', 'pause holds at once'],
    {
      link: (l) => {
        const calls: ((h: Parameters<Link['attach']>[0]) => void)[] = []
        let handler: Parameters<Link['attach']>[0] | undefined
        const pass = (call: (h: Parameters<Link['attach']>[0]) => void): void => {
          if (handler === undefined) calls.push(call)
          else call(handler)
        }
        l.attach({
          message: (d) => pass((h) => h.message(d)),
          drain: () => pass((h) => h.drain()),
          closed: (r) => pass((h) => h.closed(r)),
        })
        return {
          attach(h) {
            if (handler !== undefined) throw new Error('attach: twice')
            queueMicrotask(() => {
              handler = h
              for (const call of calls.splice(0)) call(h)
            })
            handler = undefined
          },
        }
      },
    },
  ],
  [
    'pauses a turn late',
    ['pause holds', 'a reader that stops', 'a side that reads nothing'],
    { link: (l) => ({ pause: () => void setImmediate(() => l.pause()) }) },
  ],
  [
    'delivers again what was resumed twice',
    ['pause and resume in quick turn'],
    {
      link: (l) => {
        let current: Uint8Array | undefined
        let resumes = 0
        let again = (_: Uint8Array): void => {}
        return {
          attach(h) {
            again = (d) => h.message(d)
            l.attach({
              ...bound(h),
              message(d) {
                current = d
                resumes = 0
                h.message(d)
                current = undefined
              },
            })
          },
          resume() {
            if (current !== undefined && ++resumes === 2) {
              const d = current
              queueMicrotask(() => again(d))
            }
            l.resume()
          },
        }
      },
    },
  ],
  [
    'does not close while it is paused',
    ['a side that reads nothing'],
    {
      link: (l) => {
        let isPaused = false
        return {
          pause() {
            isPaused = true
            l.pause()
          },
          resume() {
            isPaused = false
            l.resume()
          },
          close: (why) => (isPaused ? never<void>() : l.close(why)),
        }
      },
    },
  ],

  // ends
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

  // pings
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

  // dialing
  [
    'never refuses a dial',
    ['a dial is refused', IS_REFUSED],
    {
      transport: (t) => ({
        dial: (address, options) =>
          t.dial(address, options).catch((error: unknown) => (options.signal.aborted ? Promise.reject(error) : never<Link>())),
      }),
    },
  ],
  [
    'ends the links of a listener that is closed',
    ['a listener that is closed'],
    {
      transport: (t) => ({
        async listen(address, { onLink, ...rest }) {
          const links: Link[] = []
          const listener = await t.listen!(address, { ...rest, onLink: (link) => onLink((links.push(link), link)) })
          return listenerOf(listener, {
            close() {
              for (const link of links) link.abort()
              return listener.close()
            },
          })
        },
      }),
    },
  ],
  [
    'keeps the place of a listener that is closed',
    ['a place that is taken', 'a dial is refused'],
    {
      transport: (t) => ({
        listen: async (address, options) => listenerOf(await t.listen!(address, options), { close: () => Promise.resolve() }),
      }),
    },
  ],
  [
    'lets a second listener in',
    ['a place that is taken'],
    {
      transport: (t) => ({
        listen: (address, options) => t.listen!(address, options).catch(() => t.listen!(new URL('memory://hub:0'), options)),
      }),
    },
  ],
  [
    'dials although its signal was aborted before',
    ['a dial aborted before'],
    {
      transport: (t) => ({ dial: (address, o) => t.dial(address, o.signal.aborted ? { ...o, signal: new AbortController().signal } : o) }),
    },
  ],
  [
    'rejects an aborted dial with an error of its own',
    ['a dial aborted before', 'a dial aborted under way', IS_GONE],
    {
      transport: (t) => ({
        dial: (address, o) => t.dial(address, o).catch((error: unknown) => Promise.reject(o.signal.aborted ? new Error('aborted') : error)),
      }),
    },
  ],
  [
    'leaves the link of an aborted dial behind',
    ['a dial aborted under way', IS_GONE],
    {
      transport: (t) => ({
        dial: (address, o) =>
          new Promise((resolve, reject) => {
            if (o.signal.aborted) return reject(o.signal.reason)
            const onAbort = (): void => reject(o.signal.reason)
            o.signal.addEventListener('abort', onAbort)
            t.dial(address, { ...o, signal: new AbortController().signal })
              .finally(() => o.signal.removeEventListener('abort', onAbort))
              .then(resolve, reject)
          }),
      }),
    },
  ],
  [
    'leaves a socket of an aborted dial behind',
    ['a dial aborted before', 'a dial aborted under way', IS_GONE],
    {
      transport: (t, count) => ({
        dial: (address, o) =>
          t.dial(address, o).catch((error: unknown) => {
            if (o.signal.aborted) count.open++
            return Promise.reject(error)
          }),
      }),
    },
  ],
  [
    'does not tell the other side of some aborts',
    ['an aborted link', 'a dial aborted under way'],
    { link: (l, { number, side }) => ({ abort: (cause) => void ((number > 5 && number < 9 && side === 'dialer') || l.abort(cause)) }) },
  ],
  [
    'ends a link by the signal of its dial',
    ['once a dial is done'],
    {
      transport: (t) => ({
        async dial(address, o) {
          const link = await t.dial(address, o)
          o.signal.addEventListener('abort', () => link.abort(), { once: true })
          return link
        },
      }),
    },
  ],
  ['does not say where the other side is', ['each side says'], { link: () => ({ remoteAddress: 'unknown' }) }],
  ['loses what is sent on some links of many', ['many links'], { link: (_, { number }) => (number === 20 ? { send: () => true } : {}) }],

  // losses
  [
    'tells a crash as a close',
    ['the other side crashes: an error', 'abort with a cause'],
    { handler: (h) => ({ closed: (r) => h.closed(r.kind === 'error' ? REMOTE : r) }) },
  ],
  [
    'leaves a close hanging when the other side crashes',
    ['the other side crashes while'],
    { link: (l, s) => ({ close: (why) => l.close(why).then(() => (s.isCrashed() ? never<void>() : undefined)) }) },
  ],
  [
    'makes up a close when the path vanishes',
    ['the path vanishes: no end'],
    {
      handler(h, _, s) {
        s.onCut(() => h.closed(REMOTE))
        return {}
      },
    },
  ],
  [
    'answers a ping itself',
    ['the path vanishes: a ping'],
    { link: (l, s) => ({ ping: (signal) => (s.isCut() ? Promise.resolve(1) : l.ping!(signal)) }) },
  ],
  [
    'loses a message while the path is away',
    ['the path vanishes and comes back'],
    { link: (l, s) => ({ send: (d) => (s.isCut() && is(d, 3, CHUNK)) || l.send(d) }) },
  ],
]

/** The handler's calls, to be spread. */
function bound(h: Parameters<Link['attach']>[0]): Parameters<Link['attach']>[0] {
  return { message: (d) => h.message(d), drain: () => h.drain(), closed: (r) => h.closed(r) }
}
