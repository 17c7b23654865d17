/** Faults of dials and listeners, and of links whose other side or path is lost. */
import type { Link } from 'qudag-connections'
import { listenerOf } from './planted-transport.ts'
import { type Planted, CHUNK, REMOTE, is, never, IS_REFUSED, IS_GONE } from './planted-fault.ts'

/** What comes of a dial may be wrong. */
export const DIAL_FAULTS: readonly Planted[] = [
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
]

/** What is told of a loss may be wrong. */
export const LOSS_FAULTS: readonly Planted[] = [
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
