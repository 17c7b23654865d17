/** A manager at whose door links arrive: how many from where, which of them stay, and what the others were refused for. */
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { scripted, type ScriptedLink, VirtualClock } from 'qudag-connections/testing'
import type { ArrivalRefusal } from '../../src/runtime/admission/door.ts'
import { runningOn } from '../../src/supervisor-logic.ts'

export const A = 'scripted://a'
export const B = 'scripted://b'
export const FOREIGN = 'scripted://192.0.2.1:7'

export async function setUp(max: number, options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(max, { transport, clock, random: () => 0, ...options })
  await manager.listen('scripted://here:1')
  const door = runningOn(manager.supervisor)?.supervisor.door
  if (door === undefined) throw new Error('the supervisor does not run')
  /** So many links arrive from one address; which of them stay. */
  const arrive = (remoteAddress?: string, remotePeerId?: string): ScriptedLink =>
    transport.arrive({ remotePeerId, ...(remoteAddress === undefined ? {} : { remoteAddress }) })
  const states = (links: readonly ScriptedLink[]): string => links.map(({ state }) => (state === 'over' ? '-' : '+')).join('')
  const from = (address: string, count: number): string => states(Array.from({ length: count }, () => arrive(address)))
  const refused = (): Partial<Record<ArrivalRefusal, number>> =>
    Object.fromEntries(Object.entries(door.refusals).filter(([, count]) => count > 0))
  return { clock, transport, manager, door, arrive, from, refused }
}
