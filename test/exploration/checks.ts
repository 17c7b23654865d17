/** The checks of a subject: what must hold in every state, once everything has settled. */
import type { ConnectionStatus } from 'qudag-connections'
import { holdsSlot, spellState } from '../../machines/domain/peer-state.ts'
import type { Hand } from './hand.ts'
import type { ExploredManager } from './explored-manager.ts'

/** Peers that hold something at the transport's end, and those that the app says are live. */
export function slotsOf(subject: ExploredManager): Set<string> {
  const held = new Set<string>()
  for (const { peerId } of subject.transport.ledger.peers()) held.add(peerId)
  for (const [peerId, record] of subject.world.peers) {
    // Who waits for its turn has a slot, and nothing else yet.
    if (record.state === 'Connecting.waiting') held.add(peerId)
    if (record.state !== undefined && holdsSlot(record.state) && subject.world.ownerOf(record) === 'app') held.add(peerId)
  }
  return held
}

/** Asks for everything that must hold once things have settled; what does not is said in `wrong`. */
export function checkAll(subject: ExploredManager): void {
  const { transport, world, wrong } = subject
  const slots = slotsOf(subject)
  const came = [...slots].filter((peerId) => !subject.slotsBefore.has(peerId))
  if (came.length > 0 && slots.size > subject.limit)
    wrong.push(`invariant 1: ${came.join()} came, which makes ${slots.size} of ${subject.limit}`)
  subject.slotsBefore = slots
  if (world.slots.held !== slots.size) wrong.push(`invariant 1: ${world.slots.held} slots are counted, ${slots.size} are taken`)
  const { dialing, waiting, isFree } = world.turns
  const isDialing = subject.hands.filter((hand) => subject.record(hand)?.state === 'Connecting.dialing').length
  if (dialing !== isDialing || isDialing > world.settings.maxDialing) wrong.push(`${isDialing} are dialled, ${dialing} are counted`)
  if (isFree && waiting > 0) wrong.push(`${waiting} wait for a turn that nobody has`)
  if (subject.waiters.size > world.settings.maxWaiting) wrong.push(`${subject.waiters.size} wait for a slot`)
  if (subject.waiters.size > 0 && slots.size < subject.limit) wrong.push(`${subject.waiters.size} wait for a slot, and one is free`)
  for (const hand of subject.hands) checkPeer(subject, hand)
  for (const link of transport.links) if (!link.attached) wrong.push(`invariant 2: a link of ${link.peerId} belongs to nobody`)
  checkGauges(subject)
  if (subject.phase === 'Stopped') checkEnd(subject)
}

function checkPeer(subject: ExploredManager, hand: Hand): void {
  const { transport, wrong, world } = subject
  const { peerId } = hand
  const record = subject.record(hand)
  const isOurs = record !== undefined && world.ownerOf(record) === 'manager'
  const state = record?.state
  const dials = Number(record?.dial !== undefined)
  const links = Number(isOurs && state !== undefined && holdsSlot(state) && !state.startsWith('Connecting'))
  const { ledger } = transport
  if (ledger.linksOf(peerId) > 1) wrong.push(`invariant 2: ${ledger.linksOf(peerId)} links for ${peerId}`)
  if (ledger.linksOf(peerId) !== links || ledger.dialsOf(peerId) !== dials) {
    wrong.push(`invariant 2: ${peerId} in ${state} has ${ledger.linksOf(peerId)} links and ${ledger.dialsOf(peerId)} dials`)
  }
  if (state === 'Connecting.dialing' && dials === 0) wrong.push(`${peerId} is dialing, and nothing is dialled`)
  if (record?.ref !== undefined && state !== undefined) {
    const is = spellState(record.ref.getSnapshot().value)
    if (is !== state) wrong.push(`invariant 5: the machine of ${peerId} is in ${is}, what was told is ${state}`)
  }
  if (subject.places.get(peerId) !== state && !subject.stopped)
    wrong.push(`invariant 5: ${peerId} was told ${subject.places.get(peerId)}, it is ${state}`)
  if (record?.deadline !== undefined && !(state?.startsWith('Connecting') === true || state === 'Disconnected.closing' || dials > 0)) {
    wrong.push(`invariant 4: ${peerId} in ${state} still waits for ${record.deadline.then}`)
  }
  if (record?.wanted === true && !(state?.startsWith('Connect') === true || state === 'Disconnected.closing')) {
    wrong.push(`${peerId} in ${state} is held by an event, and nothing of it is`)
  }
  if (dials > 0 && (record?.deadline === undefined || record.deadline.index < 0)) wrong.push(`${peerId} is dialled, and nothing ends that`)
  if (state === 'Connected' && record !== undefined && world.failureOf(record) !== undefined)
    wrong.push(`${peerId} is Connected, and failed`)
  if (subject.phase === 'Closing' && record !== undefined && state !== 'Disconnected.closing')
    wrong.push(`${peerId} is ${state}, and a shutdown waits for it`)
  const isReplaced = state === 'Connected' && hand.state === 'Connected' && record?.port !== hand.port
  if (isReplaced && !hand.replaced) wrong.push(`the link of ${peerId} is another one, and nobody was told`)
  hand.port = record?.port
  hand.state = state
  hand.replaced = false
  if (record?.incoming !== undefined) wrong.push(`a link of ${peerId} was neither taken nor let go of`)
  hand.calls = hand.calls.filter(({ settled }) => !settled)
  hand.holds = hand.holds.filter((hold) => !(hold as unknown as { isOver: boolean }).isOver)
  if (hand.calls.length !== subject.callersOf(hand)) {
    wrong.push(`invariant 4: ${hand.calls.length} connects to ${peerId} wait, ${subject.callersOf(hand)} are waited for`)
  }
  if (subject.request(hand) !== undefined && isOurs && state?.startsWith('Connect') === true)
    wrong.push(`${peerId} waits for a slot, and is ${state}`)
  if (record?.breaker !== undefined && state === 'Connected') wrong.push(`${peerId} is Connected, and its breaker has seen a failure`)
  if (state === 'Connecting.dialing' && (record?.breaker?.openUntil ?? 0) > subject.clock.now())
    wrong.push(`${peerId} is dialled, and its breaker is open`)
  if (hand.holds.length !== subject.holdsOf(hand))
    wrong.push(`${hand.holds.length} holds of ${peerId} are open, ${subject.holdsOf(hand)} are counted`)
  if (hand.leaving > 0 && state !== 'Disconnected.closing') wrong.push(`invariant 4: a disconnect of ${peerId} waits for nothing`)
}

function checkGauges(subject: ExploredManager): void {
  const byStatus: Record<ConnectionStatus, number> = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0 }
  let pooled = 0
  let closing = 0
  for (const view of subject.manager.peers()) {
    byStatus[view.status]++
    if (view.pooled) pooled++
    if (view.state === 'Disconnected.closing') closing++
  }
  const { metrics } = subject.manager
  const gauges = { ...byStatus, ...metrics.byStatus }
  const same =
    gauges.Connecting === byStatus.Connecting &&
    gauges.Connected === byStatus.Connected &&
    gauges.Disconnected === byStatus.Disconnected &&
    gauges.Failed === byStatus.Failed &&
    metrics.connections === byStatus.Connected &&
    metrics.dialing === byStatus.Connecting &&
    metrics.pooled === pooled &&
    metrics.pool.size === pooled &&
    metrics.closing === closing &&
    metrics.limit === subject.limit
  if (!same) subject.wrong.push(`invariant 3: gauges ${JSON.stringify(metrics)}, recount ${JSON.stringify({ byStatus, pooled, closing })}`)
}

function checkEnd(subject: ExploredManager): void {
  const { transport, wrong, world, clock } = subject
  const left = {
    timers: clock.pending,
    links: transport.links.size,
    held: transport.ledger.live,
    listeners: transport.listeners.length,
    peers: world.peers.size,
    shutdowns: subject.shutdowns - subject.settledShutdowns,
    streams: Number(!subject.isCompleted),
  }
  if (Object.values(left).some((count) => count !== 0)) wrong.push(`invariant 4: after the end there is left ${JSON.stringify(left)}`)
}
