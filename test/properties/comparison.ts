/** The comparison of the real manager with the model, after each command: statuses, slots, metrics, promises and transitions. */
import { getEventListeners } from 'node:events'
import { ConnectionStatus } from 'qudag-connections'
import { expect } from 'vitest'
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import { assertLegalStream } from './legal-transitions.ts'
import type { Told } from './model-book.ts'
import type { Outcome } from './model-peer.ts'
import { PEERS } from './variant.ts'
import type { World } from './world.ts'

/** Throws where the manager is not what the model says it is. */
export function compare(world: World): void {
  const { manager, model, transport } = world
  expect(world.violations).toEqual([])
  const known = new Set([...PEERS, ...model.peers.keys()])
  const views = [...manager.peers()]
  expect(Object.fromEntries([...known].map((id) => [id, manager.status(id)]))).toEqual(
    Object.fromEntries([...known].map((id) => [id, model.status(id)])),
  )
  expect(
    byId(
      views.map((v) => ({
        peerId: v.peerId,
        status: v.status,
        pooled: v.pooled,
        failure: v.status === 'Failed' ? v.failure?.code : undefined,
      })),
    ),
  ).toEqual(
    byId(
      [...model.peers.values()].map((p) => ({
        peerId: p.peerId,
        status: model.status(p.peerId),
        pooled: p.state === 'Disconnected.pooled',
        // What an app says of a failure is its own.
        failure: p.app && p.state === 'Failed' ? views.find((v) => v.peerId === p.peerId)?.failure?.code : p.failure,
      })),
    ),
  )
  // Invariant 2, and that the slots are those of the model: one link or dial a peer, at rest.
  expect(byId([...transport.ledger.peers()])).toEqual(
    byId(
      [...model.peers.values()]
        .filter((p) => !p.app && holdsSlot(p.state))
        .map((p) => ({ peerId: p.peerId, dials: Number(p.dialing), links: Number(p.state !== 'Connecting.dialing') })),
    ),
  )
  for (const link of transport.links) if (!link.attached) throw new Error(`a link of ${link.peerId} belongs to nobody`)
  compareMetrics(world, views)
  compareCalls(world)
  compareTransitions(world)
  for (const p of model.peers.values()) {
    const isOurs = p.state === 'Connected' && !p.app
    expect(manager.get(p.peerId)?.peerId, `get(${p.peerId})`).toBe(isOurs ? p.peerId : undefined)
    if (isOurs) expect(manager.get(p.peerId)?.direction).toBe(p.direction)
  }
}

function compareMetrics(world: World, views: readonly { status: ConnectionStatus; pooled: boolean }[]): void {
  const { metrics } = world.manager
  const count = (status: ConnectionStatus): number => views.filter((v) => v.status === status).length
  const byStatus = Object.fromEntries(Object.values(ConnectionStatus).map((status) => [status, count(status)]))
  const { model } = world
  const closing = [...model.peers.values()].filter((p) => p.state === 'Disconnected.closing').length
  const pooled = views.filter((v) => v.pooled).length
  expect({ ...pick(metrics, 'byStatus', 'connections', 'dialing', 'pooled', 'closing', 'limit'), size: metrics.pool.size }).toEqual({
    byStatus,
    connections: count('Connected'),
    dialing: count('Connecting'),
    pooled,
    closing,
    limit: model.limit,
    size: pooled,
  })
  const { pool, dials, inbound } = metrics
  // A duel between two links for one peer, and what is stopped in its tracks, may be counted either way.
  if (model.duels > 0 || world.ended) return
  expect({ ...pick(pool, 'hits', 'misses', 'expired', 'evicted'), ...dials, ...inbound }).toEqual({
    hits: model.hits,
    misses: model.dials,
    expired: model.expired,
    evicted: model.evicted,
    started: model.dials,
    succeeded: model.opened,
    failed: model.failed,
    accepted: model.accepted,
    rejected: model.rejected,
  })
}

function compareCalls(world: World): void {
  for (const { call, actual, controller } of world.calls) {
    if (!call.expected.includes(actual as Outcome)) {
      throw new Error(`${call.what} should be ${call.expected.join(' or ')}, is ${actual}`)
    }
    if (actual !== 'pending' && controller !== undefined && getEventListeners(controller.signal, 'abort').length > 0) {
      throw new Error(`${call.what} is settled, and still listens to its signal`)
    }
  }
  for (const { model, ended } of world.holds) {
    if (model.ended !== ended) throw new Error(`a hold of ${model.peer.peerId} should be ${model.ended}, is ${ended}`)
  }
  for (const { model, heard, hold, completed } of world.readers) {
    const expected = model.expected.filter((message) => !world.model.orphaned.has(message))
    expect(heard.filter((message) => !world.model.orphaned.has(message))).toEqual(expected)
    if (hold?.ended !== undefined && !completed) throw new Error(`a hold of ${hold.peer.peerId} ended, its stream did not`)
  }
}

function compareTransitions(world: World): void {
  assertLegalStream(world.transitions)
  const told = world.news
  world.told = world.transitions.length
  const expected = world.model.told.splice(0)
  if (world.ended && world.model.shutdownCall === undefined) return
  const actual = told.map(({ peerId, from, to, reason }): Told => ({ peerId, from, to, reasons: [reason] }))
  const accepted = expected.map((e): Told => ({ ...e, reasons: matching(e, actual) }))
  // Peers are independent of each other: the order is compared for each alone.
  expect(groupById(actual)).toEqual(groupById(accepted))
}

function byId<T extends { readonly peerId: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.peerId < b.peerId ? -1 : 1))
}

function groupById(told: readonly Told[]): Record<string, Told[]> {
  const groups: Record<string, Told[]> = {}
  for (const t of told) (groups[t.peerId] ??= []).push(t)
  return groups
}

/** The reason that was given, where it is one of those that may be. */
function matching(expected: Told, actual: readonly Told[]): Told['reasons'] {
  const same = actual.find(
    (a) =>
      a.peerId === expected.peerId &&
      a.from === expected.from &&
      a.to === expected.to &&
      a.reasons.every((r) => expected.reasons.includes(r)),
  )
  return same?.reasons ?? expected.reasons.slice(0, 1)
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>
}
