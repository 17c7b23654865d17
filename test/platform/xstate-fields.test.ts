/** Where the actors of XState have other fields than those that are known, XState makes the peers' actors itself, and all works. */
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import type * as XState from 'xstate'
import { Actor } from 'xstate'
import { expect, test, vi } from 'vitest'

vi.mock('xstate', async (importOriginal) => {
  const xstate = await importOriginal<typeof XState>()
  return { ...xstate, createEmptyActor: () => Object.assign(xstate.createEmptyActor(), { _newField: 1 }) }
})

test('a peer of a XState with other fields', async () => {
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(2, { transport, clock: new VirtualClock() })
  await manager.connect('scripted://a')
  const actor = manager.actor('scripted://a')
  expect(Object.getPrototypeOf(actor)).toBe(Actor.prototype)
  expect(manager.status('scripted://a')).toBe('Connected')
  await manager.disconnect('scripted://a', { pool: false })
  await flush()
  expect([manager.status('scripted://a'), transport.ledger.live]).toEqual([undefined, 0])
  await manager.shutdown()
})
