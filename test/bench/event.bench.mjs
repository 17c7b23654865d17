/** One event of a peer's lifecycle, observed, and an actor's memory: what the machine costs by itself, compiled, interpreted, or written by hand. */
import { peerMachine } from 'qudag-connections/machines'
import { createActor, fromTransition } from 'xstate'
import { heapUsed, microsecondsEach, sized, verify } from './workload.mjs'

export function cases(size) {
  const times = sized(size, { tiny: 10, smoke: 3_000, normal: 50_000 })
  const actors = sized(size, { tiny: 20, smoke: 2_000, normal: 20_000 })
  return [
    {
      name: 'one event to a peer actor with a subscriber',
      unit: 'µs',
      contenders: [
        { name: 'qudag-connections/compile, code that was emitted', run: () => compiled(times, true) },
        { name: 'qudag-connections/compile, a table', run: () => compiled(times, false) },
        { name: "XState's interpreter", package: 'xstate', run: () => observed(observableMachine(), times), bar: { atLeast: 25 } },
        {
          name: 'XState 6 (alpha), the same life drawn anew',
          package: 'xstate-6',
          run: async () => {
            const six = await import('xstate-6')
            return observed(drawnAnew(six), times, six.createActor)
          },
        },
        { name: 'fromTransition and a reducer by hand', package: 'xstate', run: () => observed(handWritten(), times), bar: { atLeast: 1 } },
      ],
    },
    {
      name: `JS heap of an actor alone, ${actors.toLocaleString('en')} of them`,
      unit: 'bytes',
      fresh: true,
      ...sized(size, { smoke: { rounds: 1 }, normal: {} }),
      contenders: [
        { name: 'qudag-connections/compile, code that was emitted', run: async () => weighed(await logicOf(true), actors) },
        { name: "XState's interpreter", package: 'xstate', run: () => weighed(observableMachine(), actors) },
        {
          name: 'XState 6 (alpha), the same life drawn anew',
          package: 'xstate-6',
          run: async () => {
            const six = await import('xstate-6')
            return weighed(drawnAnew(six), actors, six.createActor)
          },
        },
      ],
    },
  ]
}

const AT = 1_735_689_600_000
const PEER = 'scripted://peer'

/** Dialled, connected, pooled, reused, closed: one life, each step with what it leads to. */
const LIFE = [
  [{ type: 'peer.connect', at: AT, ttl: 300_000, turn: true }, { Connecting: 'dialing' }],
  [{ type: 'link.opened', at: AT }, 'Connected'],
  [{ type: 'peer.disconnect', at: AT, pool: true }, { Disconnected: 'pooled' }],
  [{ type: 'peer.connect', at: AT, ttl: 300_000, turn: true }, 'Connected'],
  [{ type: 'peer.disconnect', at: AT, pool: false }, { Disconnected: 'closing' }],
  [{ type: 'link.closed', at: AT }, { Disconnected: 'closed' }],
]
const EVENTS = LIFE.map(([event]) => event)

/** How many named actions one life has the world carry out. */
const ACTIONS_OF_A_LIFE = 21
let actions = 0
const act = () => {
  actions++
}

function observableMachine() {
  const named = ['tell', 'forget', 'startDial', 'abortDial', 'startDeadline', 'clearDeadline', 'adoptLink', 'closeLink', 'abortLink']
  const more = ['dropLink', 'serveCallers', 'refuseCallers', 'endHolds', 'settleClose']
  return peerMachine.provide({ actions: Object.fromEntries([...named, ...more].map((name) => [name, act])) })
}

const compiled = async (times, isEmitted) => observed(await logicOf(isEmitted), times)

async function logicOf(isEmitted) {
  const { compile, emit } = await import('qudag-connections/compile')
  if (!isEmitted) return compile(observableMachine())
  const text = emit(peerMachine, { input: { peerId: PEER }, types: false })
  const { code } = await import(`data:text/javascript,${encodeURIComponent(text)}`)
  return compile(observableMachine(), code)
}

/** Actors that have taken one event each, and what one of them weighs. */
async function weighed(logic, count, create = createActor) {
  const started = (i) => {
    const actor = create(logic, { id: `${PEER}-${i}`, input: { peerId: `${PEER}-${i}` } })
    actor.start()
    actor.send(LIFE[0][0])
    return actor
  }
  return {
    async round() {
      const kept = Array.from({ length: 100 }, (_, i) => started(i))
      const before = heapUsed()
      for (let i = 0; i < count; i++) kept.push(started(i))
      const after = heapUsed()
      verify(
        kept.every((actor) => isSame(actor.getSnapshot().value, LIFE[0][1])),
        'an actor is not where it was sent to',
      )
      return (after - before) / count
    },
    async stop() {},
  }
}

async function observed(logic, times, create = createActor) {
  const actor = create(logic, { id: PEER, input: { peerId: PEER } })
  let seen = 0
  actor.subscribe(() => seen++)
  actor.start()
  // Each step once with a close look, that all of them live the same life.
  const began = actions
  for (const [event, value] of LIFE) {
    actor.send(event)
    const snapshot = actor.getSnapshot()
    const pooledAt = event.pool === true || seen > 3 ? AT : 0
    const context = { peerId: PEER, owner: 'manager', pooledAt, failure: undefined }
    verify(isSame(snapshot.value ?? snapshot.context.value, value), `${event.type} led to ${JSON.stringify(snapshot.value)}`)
    verify(isSame(contextOf(snapshot), context), `${event.type} left ${JSON.stringify(snapshot.context)}`)
  }
  verify(actions - began === ACTIONS_OF_A_LIFE, `${actions - began} actions of ${ACTIONS_OF_A_LIFE}`)
  const live = (count) => {
    for (let i = 0; i < count; i++) for (const event of EVENTS) actor.send(event)
  }
  live(times)
  return {
    warm: () => live(times),
    async round() {
      seen = actions = 0
      const each = await microsecondsEach(times, live)
      verify(seen === times * EVENTS.length, `${seen} snapshots seen`)
      verify(actions === times * ACTIONS_OF_A_LIFE, `${actions} actions`)
      return each / EVENTS.length
    },
    async stop() {
      actor.stop()
    },
  }
}

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b)
const contextOf = ({ context }) => ({ peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: context.failure })

const DIALING = { Connecting: 'dialing' }
const POOLED = { Disconnected: 'pooled' }
const CLOSING = { Disconnected: 'closing' }
const CLOSED = { Disconnected: 'closed' }

/** The same life as somebody would write it who needs no more of the machine than it: one literal a step, every action called. */
function handWritten() {
  return fromTransition(
    (state, event) => {
      const { value, peerId, owner, pooledAt, failure } = state
      switch (event.type) {
        case 'peer.connect':
          if (value === CLOSED && event.turn) {
            acts(3) // tell, startDial, startDeadline
            return { value: DIALING, peerId, owner: 'manager', pooledAt, failure }
          }
          if (value === POOLED && event.at - pooledAt < event.ttl) {
            acts(2) // tell, serveCallers
            return { value: 'Connected', peerId, owner, pooledAt, failure: undefined }
          }
          return state
        case 'link.opened':
          if (value !== DIALING) return state
          acts(4) // clearDeadline, adoptLink, tell, serveCallers
          return { value: 'Connected', peerId, owner, pooledAt, failure: undefined }
        case 'peer.disconnect':
          if (value !== 'Connected') return state
          if (event.pool) {
            acts(3) // endHolds, abortDial, tell
            return { value: POOLED, peerId, owner, pooledAt: event.at, failure }
          }
          acts(5) // endHolds, abortDial, tell, closeLink, startDeadline
          return { value: CLOSING, peerId, owner, pooledAt, failure }
        case 'link.closed':
          if (value !== CLOSING) return state
          acts(4) // clearDeadline, settleClose, dropLink, forget
          return { value: CLOSED, peerId, owner, pooledAt, failure }
        default:
          return state
      }
    },
    ({ input }) => ({ value: CLOSED, peerId: input.peerId, owner: 'manager', pooledAt: 0, failure: undefined }),
  )
}

/**
 * The same life for the next major version of XState, where guards and actions are functions of a transition and no longer
 * named: its interpreter beside that of the version which we stand on.
 */
function drawnAnew(six) {
  const go = (target, count, change) => (args, enq) => {
    for (let i = 0; i < count; i++) enq(act)
    return { target, context: { ...args.context, ...change?.(args) } }
  }
  return six.createMachine({
    context: ({ input }) => ({ peerId: input.peerId, owner: 'manager', pooledAt: 0, failure: undefined }),
    initial: 'Disconnected',
    states: {
      Connecting: { initial: 'dialing', states: { dialing: { id: 'dialing', on: { 'link.opened': go('#Connected', 4) } } } },
      Connected: {
        id: 'Connected',
        on: {
          'peer.disconnect': (args, enq) =>
            args.event.pool ? go('#pooled', 3, ({ event }) => ({ pooledAt: event.at }))(args, enq) : go('#closing', 5)(args, enq),
        },
      },
      Disconnected: {
        initial: 'closed',
        states: {
          closed: { id: 'closed', on: { 'peer.connect': (args, enq) => (args.event.turn ? go('#dialing', 3)(args, enq) : undefined) } },
          pooled: {
            id: 'pooled',
            on: {
              'peer.connect': (args, enq) => {
                const { event, context } = args
                return event.at - context.pooledAt < event.ttl ? go('#Connected', 2)(args, enq) : undefined
              },
            },
          },
          closing: { id: 'closing', on: { 'link.closed': go('#closed', 4) } },
        },
      },
    },
  })
}

function acts(count) {
  for (let i = 0; i < count; i++) act()
}
