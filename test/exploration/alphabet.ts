/** Everything that can happen in a state is listed, and whether it can depends on that state alone. */
import type { ConnectionStatus } from 'qudag-connections'
import type { Hand } from './hand.ts'
import type { Subject } from './subject.ts'

/** One thing that can happen. `peer` is its place in the canonical order of the state. */
export interface Act {
  readonly name: string
  readonly peer: number
  /** Whether nothing can come after it: it is taken last. */
  readonly ends: boolean
  /** @param at whoever is in a place of the canonical order now: the order of the state in which the act was listed may have been another */
  readonly run: (subject: Subject, hand: Hand, at: (place: number) => Hand) => void
}

/** What an exploration leaves out, and where it stops counting. */
export interface Scope {
  /** The most holds and the most callers that a peer has. */
  readonly cap: number
  /** Whether a peer may also be connected by an event, which holds it without a hold. */
  readonly events: boolean
  /** Whether the app may report on peers. @default true */
  readonly reports?: boolean
  /** Whether links may be broken, batches sent and things may happen within one tick. */
  readonly rare: boolean
  readonly limits: readonly number[]
}

const STATUSES: readonly ConnectionStatus[] = ['Connecting', 'Connected', 'Disconnected', 'Failed']
const FAULT = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
const FAILURE = { code: 'ERR_TEST', message: 'the test says so', at: 0, attempts: 0 }

/** Everything that can happen now. `order` is the canonical order of the peers: places in it are what acts name. */
export function actsOf(subject: Subject, order: readonly number[], scope: Scope): Act[] {
  const acts: Act[] = []
  const add = (name: string, run: Act['run'], peer = -1, ends = false): void => void acts.push({ name, peer, ends, run })
  order.forEach((who, peer) => {
    const hand = subject.hands[who]
    if (hand !== undefined) ofPeer(subject, hand, scope, (name, run) => add(name, run, peer))
  })
  add('time', (s) => s.advance())
  if (subject.phase === 'Accepting') {
    for (const limit of scope.limits) {
      if (limit === subject.limit) continue
      add(`limit ${limit}`, (s) => {
        s.limit = limit
        s.manager.setLimits({ maxConnections: limit })
      })
    }
  }
  if (scope.rare) {
    order.forEach((_, peer) => {
      order.forEach((_who, other) => {
        if (other === peer) return
        for (const [one, two] of BATCHES) {
          add(
            `batch ${one}, ${other} ${two}`,
            (s, hand, at) => {
              const second = at(other)
              s.manager
                .updateStatuses([
                  [hand.peerId, one],
                  [second.peerId, two],
                ])
                .catch(() => {})
            },
            peer,
          )
        }
      })
    })
  }
  add('shutdown 0', (s) => s.shutdown(0), -1, true)
  add('shutdown', (s) => s.shutdown(10_000_000), -1, true)
  add('stop', (s) => s.stop(), -1, true)
  return acts
}

const BATCHES: readonly (readonly [ConnectionStatus, ConnectionStatus])[] = [
  ['Connected', 'Connected'],
  ['Connecting', 'Failed'],
  ['Disconnected', 'Connected'],
  ['Failed', 'Connecting'],
]

function ofPeer(subject: Subject, hand: Hand, scope: Scope, add: (name: string, run: Act['run']) => void): void {
  const record = subject.record(hand)
  const state = record?.state
  const accepting = subject.phase === 'Accepting'
  const link = subject.link(hand)
  if (subject.holdsOf(hand) < scope.cap && subject.callersOf(hand) < scope.cap) add('connect', (s, h) => s.connect(h))
  if (subject.callersOf(hand) > 0) add('abort', (s, h) => s.abort(h))
  if (subject.holdsOf(hand) > 0) {
    add('release', (s, h) => s.release(h))
    add('hang up', (s, h) => s.hangUp(h))
  }
  add('disconnect', (s, h) => s.disconnect(h, undefined))
  add('disconnect, pool', (s, h) => s.disconnect(h, true))
  add('disconnect, no pool', (s, h) => s.disconnect(h, false))
  if (scope.reports !== false) for (const status of STATUSES) add(`report ${status}`, (s, h) => s.report(h, status))
  if (subject.pendingDial(hand) !== undefined) {
    add('dial opens', (s, h) => void s.pendingDial(h)?.open())
    add('dial fails', (s, h) => s.pendingDial(h)?.fail(FAULT))
    if (scope.rare) {
      add('dial opens, and before it is known a disconnect', (s, h) => {
        s.pendingDial(h)?.open()
        s.disconnect(h, true)
      })
      add('dial opens, and before it is known one arrives', (s, h) => {
        s.pendingDial(h)?.open()
        if (accepting) s.arrive(h)
      })
      add('dial opens, and its link is broken', (s, h) => {
        s.breakLinks = true
        const dial = s.pendingDial(h)
        // Whether it is broken is decided when the dial is answered: in the job after this one.
        queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => (s.breakLinks = false)))))
        dial?.open()
      })
    }
  }
  if (accepting) {
    add('arrives', (s, h) => s.arrive(h))
    if (scope.rare) {
      add('arrives, and its link is broken', (s, h) => {
        s.breakLinks = true
        s.arrive(h)
        s.breakLinks = false
      })
    }
  }
  if (link !== undefined) {
    add('remote closes', (s, h) => void s.link(h)?.remoteClose())
    add('link fails', (s, h) => void s.link(h)?.fail(FAULT))
    if (scope.rare) {
      add('message', (s, h) => void s.link(h)?.receive(new Uint8Array(1)))
      if (state !== 'Disconnected.closing') {
        add('close throws', (s, h) => {
          const broken = s.link(h)
          if (broken === undefined) return
          broken.close = () => {
            throw new Error('close throws')
          }
          s.disconnect(h, false)
        })
        add('close rejects', (s, h) => {
          const broken = s.link(h)
          if (broken === undefined) return
          broken.close = () => Promise.reject(new Error('close rejects'))
          s.disconnect(h, false)
        })
      }
    }
  }
  if (state === 'Disconnected.closing') add('close is over', (s, h) => void s.link(h)?.finishClose())
  if (state === 'Disconnected.pooled' && accepting && subject.isFirst(hand)) {
    if (subject.holdsOf(hand) < scope.cap) add('connect, as the TTL is over', (s, h) => s.beforeTimer(() => s.connect(h)))
    if (scope.events)
      add('connect by event, as the TTL is over', (s, h) =>
        s.beforeTimer(() => s.manager.supervisor.send({ type: 'peer.connect', peerId: h.peerId })),
      )
  }
  // An actor that is over takes no events, and says so aloud.
  const running = subject.phase !== 'Stopped'
  if (scope.events && running) {
    add('connect by event', (s, h) => s.manager.supervisor.send({ type: 'peer.connect', peerId: h.peerId }))
    add('disconnect by event', (s, h) => s.manager.supervisor.send({ type: 'peer.disconnect', peerId: h.peerId }))
  }
  if (running) add('backoff', (s, h) => s.manager.supervisor.send({ type: 'backoff.elapsed', peerId: h.peerId }))
  if (record !== undefined) {
    add('heartbeat', (s, h) => s.manager.actor(h.peerId)?.send({ type: 'heartbeat.lost', at: s.clock.now(), failure: FAILURE }))
    add('evict', (s, h) => s.manager.actor(h.peerId)?.send({ type: 'peer.evict', at: s.clock.now() }))
    add('memory', (s, h) => s.forget(h))
  }
}
