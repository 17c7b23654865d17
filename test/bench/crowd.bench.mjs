/** Opening and closing one peer, while a crowd of others is Connected: the crowd must not make it dearer. */
import { ConnectionManager } from 'qudag-connections'
import { peerMachine } from 'qudag-connections/machines'
import { scripted } from 'qudag-connections/testing'
import { assign, createActor, setup, spawnChild, stopChild } from 'xstate'
import { microsecondsEach, sized, verify } from './workload.mjs'

export function cases(size) {
  // The best round counts: many short ones are better than few long ones.
  const cycles = sized(size, { tiny: 20, normal: 1_000 })
  const little = sized(size, { tiny: 10, normal: 1_000 })
  const crowds = sized(size, { tiny: [100], smoke: [20_000], normal: [50_000, 100_000] })
  // The largest that builds up and cycles in reasonable time.
  const borne = sized(size, { tiny: [10, 20], smoke: [], normal: [1_000, 20_000] })
  const ours = (n) => `N = ${n.toLocaleString('en')}`
  const theirs = (n) => `XState's spawnChild, N = ${n.toLocaleString('en')}`
  const overBest = (name, base) => (results) => results[name].min / results[base].min
  return [
    {
      // The best of them counts, and each takes a hundredth of a second.
      ...sized(size, { smoke: { rounds: 7 }, normal: { rounds: 15 } }),
      name: 'open + close one peer among N Connected (ratio: best round over best at the smallest N)',
      unit: 'µs',
      contenders: [
        { name: ours(little), run: () => crowd(little, cycles) },
        ...crowds.map((n) => ({
          name: ours(n),
          run: () => crowd(n, cycles),
          ratio: overBest(ours(n), ours(little)),
          bar: { atMost: 1.3, hopeless: 3 },
        })),
        ...borne.map((n) => ({ name: theirs(n), package: 'xstate', run: () => spawning(n), ratio: overBest(theirs(n), theirs(borne[0])) })),
      ],
    },
  ]
}

async function crowd(size, cycles) {
  const manager = new ConnectionManager(size + 1, { transport: scripted({ autoOpen: true, autoClose: 'microtask', record: false }) })
  let told = 0
  manager.transitions$.subscribe(() => told++)
  for (let i = 0; i < size; i++) await manager.connect(`scripted://crowd-${i}`)
  const cycle = async (count) => {
    for (let i = 0; i < count; i++) {
      const connection = await manager.connect(`scripted://one-${i % 64}`)
      await manager.disconnect(connection.peerId, { pool: false })
    }
  }
  await cycle(20 * cycles)
  return {
    warm: () => cycle(cycles >> 1),
    async round() {
      const before = told
      const each = await microsecondsEach(cycles, cycle)
      // Connecting, Connected, Disconnected, forgotten: nothing was left out.
      verify(told - before === 4 * cycles && manager.metrics.connections === size, `${told - before} transitions of ${4 * cycles}`)
      return each
    },
    stop: () => manager.shutdown(),
  }
}

/** A supervisor as XState's own documentation has it: children in its snapshot. It runs the same peer machine, and does not even dial. */
async function spawning(size) {
  const at = Date.now()
  const supervisorMachine = setup({ actors: { peer: peerMachine } }).createMachine({
    context: ({ spawn }) => {
      for (let i = 0; i < size; i++) spawn('peer', { id: `crowd-${i}`, input: { peerId: `crowd-${i}` } })
      return { opened: 0, closed: 0 }
    },
    on: {
      open: {
        actions: [
          spawnChild('peer', { id: ({ event }) => event.peerId, input: ({ event }) => ({ peerId: event.peerId }) }),
          assign({ opened: ({ context }) => context.opened + 1 }),
        ],
      },
      close: { actions: [stopChild(({ event }) => event.peerId), assign({ closed: ({ context }) => context.closed + 1 })] },
    },
  })
  const supervisor = createActor(supervisorMachine).start()
  const children = () => supervisor.getSnapshot().children
  for (let i = 0; i < size; i++) {
    children()[`crowd-${i}`].send({ type: 'peer.connect', at, ttl: 0, turn: true })
    children()[`crowd-${i}`].send({ type: 'link.opened', at })
  }
  // A thousand or so of them take 5 ms each, twenty thousand 20 ms: few cycles are a round.
  const cycles = Math.max(10, Math.min(200, Math.round(400_000 / size)))
  const cycle = (count) => {
    for (let i = 0; i < count; i++) {
      const peerId = `one-${i % 64}`
      supervisor.send({ type: 'open', peerId })
      const peer = children()[peerId]
      peer.send({ type: 'peer.connect', at, ttl: 0, turn: true })
      peer.send({ type: 'link.opened', at })
      verify(peer.getSnapshot().value === 'Connected', 'a peer is not Connected')
      peer.send({ type: 'peer.disconnect', at, pool: false })
      peer.send({ type: 'link.closed', at })
      supervisor.send({ type: 'close', peerId })
    }
  }
  return {
    warm: () => cycle(cycles >> 1),
    async round() {
      const before = supervisor.getSnapshot().context
      const each = await microsecondsEach(cycles, cycle)
      const { opened, closed } = supervisor.getSnapshot().context
      verify(opened - before.opened === cycles && closed - before.closed === cycles, 'not every peer was spawned and stopped')
      verify(Object.keys(children()).length === size, `${Object.keys(children()).length} children of ${size}`)
      return each
    },
    async stop() {
      supervisor.stop()
    },
  }
}
