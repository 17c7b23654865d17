/** A manager that keeps one peer over the scripted transport, and texts as bytes. */
import { ConnectionManager, type KeepOptions, type ManagerOptions } from 'qudag-connections'
import { scripted, VirtualClock, type ScriptedOptions } from 'qudag-connections/testing'

export const PEER = 'scripted://peer'
export const text = (data: Uint8Array): string => new TextDecoder().decode(data)
export const bytes = (word: string): Uint8Array => new TextEncoder().encode(word)

export function setUp(options: ManagerOptions = {}, script: ScriptedOptions = {}, limit = 100) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync', ...script })
  const manager = new ConnectionManager(limit, { transport, clock, random: () => 0.5, ...options })
  const sent = (): string[] => (transport.linkOf(PEER)?.sent ?? []).map(text)
  const cut = (): boolean | undefined => transport.linkOf(PEER)?.fail(new Error('cut'))
  return { clock, transport, manager, sent, cut }
}

export async function keepLinked(options: KeepOptions = {}, managerOptions: ManagerOptions = {}, script: ScriptedOptions = {}) {
  const world = setUp(managerOptions, script)
  const kept = world.manager.keep(PEER, options)
  await kept.connected()
  return { ...world, kept }
}
