/** Who looks at one peer sees its every event and action, and XState is not watched before or after. */
import { ConnectionManager } from 'qudag-connections'
import { inspectionOf, type Step } from 'qudag-connections/inspect'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import manifest from 'xstate/package.json' with { type: 'json' }

/** How many inspection observers a manager's system has; XState keeps them to itself. */
function observersOf(manager: ConnectionManager, attach: () => () => void): { readonly attached: number; readonly left: number } {
  const { system } = manager.supervisor
  const inspect = system.inspect.bind(system)
  let attached = 0
  let left = 0
  system.inspect = (observer) => {
    attached++
    const subscription = inspect(observer)
    const unsubscribe = (): void => {
      left++
      subscription.unsubscribe()
    }
    return { unsubscribe }
  }
  attach()()
  system.inspect = inspect
  return { attached, left }
}

test('the events of a peer that is looked at come with the state that they led to and what was done', async () => {
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(4, { transport, clock: new VirtualClock() })
  const steps: Step[] = []
  const stop = inspectionOf(manager).look('scripted://a', (step) => steps.push(step))
  await manager.connect('scripted://a')
  await manager.connect('scripted://b')
  await manager.disconnect('scripted://a')
  stop()
  await manager.connect('scripted://a')
  await manager.shutdown()

  expect(steps.map(({ event, state }) => [event, state])).toEqual([
    ['peer.connect', 'Connecting.dialing'],
    ['link.opened', 'Connected'],
    ['peer.disconnect', 'Disconnected.pooled'],
  ])
  expect(steps[1]!.actions).toEqual(['clearDeadline', 'adoptLink', 'tell(opened)', 'serveCallers'])
  expect(steps[0]!.actions).toContain('startDeadline(connectTimeoutMs, dial.timedOut)')
  expect(steps[0]!.at).toBe(new VirtualClock().now())
})

test('one observer serves all who look, and goes with the last of them', () => {
  const manager = new ConnectionManager(4, { transport: scripted({ autoOpen: true, autoClose: 'sync' }), clock: new VirtualClock() })
  const source = inspectionOf(manager)

  const looked = observersOf(manager, () => {
    const stops = ['scripted://a', 'scripted://b', 'scripted://a'].map((peerId) => source.look(peerId, () => {}))
    return () => stops.forEach((stop) => stop())
  })
  expect(looked).toEqual({ attached: 1, left: 1 })
})

test('the events that are valid are those that the machine takes where the peer is', async () => {
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(4, { transport, clock: new VirtualClock() })
  const source = inspectionOf(manager)
  expect(source.inside('scripted://a')).toEqual({
    peerId: 'scripted://a',
    state: undefined,
    context: undefined,
    explanation: undefined,
    valid: [],
  })
  await manager.connect('scripted://a')
  const connected = source.inside('scripted://a')
  await manager.disconnect('scripted://a')
  const pooled = source.inside('scripted://a')
  await manager.shutdown()

  expect(connected.state).toBe('Connected')
  expect(connected.context).toMatchObject({ peerId: 'scripted://a', owner: 'manager' })
  expect(connected.valid).toEqual(expect.arrayContaining(['peer.disconnect', 'link.closed', 'heartbeat.lost', 'peer.evict']))
  expect(connected.valid).not.toContain('peer.connect')
  expect(connected.valid).not.toContain('pool.expired')
  expect(pooled.valid).toEqual(expect.arrayContaining(['peer.connect', 'pool.expired', 'pool.evicted']))
  expect(pooled.valid).not.toContain('turn.granted')
})

test('XState is of the version whose words to inspectors are known', () => {
  expect(manifest.version).toMatch(/^5\.33\./)
})
