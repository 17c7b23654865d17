/** A manager that is told where code of the app was wrong, and what shows that it goes on. */
import { type CallbackPlace, ConnectionManager, type Link, type ManagerOptions } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { expect } from 'vitest'

export const A = 'scripted://a'
export const B = 'scripted://b'
export const C = 'scripted://c'

export const boom = (): never => {
  throw new Error('boom')
}

export function setUp(options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const told: (readonly [string, CallbackPlace])[] = []
  const manager = new ConnectionManager(10, {
    transport,
    clock,
    onError: (error, where) => told.push([error.message, where]),
    ...options,
  })
  return { clock, transport, manager, told, names: () => told.map(([, { callback }]) => callback) }
}

/** The manager takes commands, carries them out, and tells what happened. */
export async function works(manager: ConnectionManager, peerId = C): Promise<void> {
  const seen: unknown[] = []
  const watching = manager.transitions$.subscribe(({ peerId: of, to }) => of === peerId && seen.push(to))
  await manager.connect(peerId)
  expect([manager.status(peerId), seen]).toEqual(['Connected', ['Connecting', 'Connected']])
  await manager.disconnect(peerId, { pool: false })
  expect(manager.status(peerId)).toBeUndefined()
  watching.unsubscribe()
}

/** Invariant 3, as far as anybody outside can recount. */
export function recount(manager: ConnectionManager): void {
  const views = [...manager.peers()]
  for (const [status, count] of Object.entries(manager.metrics.byStatus)) {
    expect([status, count]).toEqual([status, views.filter((view) => view.status === status).length])
  }
}

/** A link with some of its parts replaced. */
export function overlaid(link: Link, parts: object): Link {
  return new Proxy(link, {
    get(target, name) {
      if (name in parts) return (parts as Record<PropertyKey, unknown>)[name]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** A link whose handler is seen. */
export function spied(link: Link, seen: (handler: Parameters<Link['attach']>[0]) => void): Link {
  return overlaid(link, {
    attach(handler: Parameters<Link['attach']>[0]) {
      seen(handler)
      link.attach(handler)
    },
  })
}
