/** Faults of links under pressure: what waits, what pauses, and what drains. */
import type { Link } from 'qudag-connections'
import { type Planted, CHUNK, never, bound } from './planted-fault.ts'

/** What a link does with more than it can take may be wrong. */
export const PRESSURE_FAULTS: readonly Planted[] = [
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
]
