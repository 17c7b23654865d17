/** Every attack, what a victim with the defence and one without it make of it, and the test that says so. */
import { expect, test } from 'vitest'
import { underAttack } from './scenario.mjs'

const MIB = 1024 * 1024
/** What a process may take more under an attack than at rest: the bounds on the page, and what its collector leaves for a while. */
const LITTLE = 128 * MIB

/** The victim's settings, and what must be so of it. */
export interface Case {
  readonly attack: string
  readonly over: 'tcp' | 'ws'
  /** The victim with the defence off: another kind, or options of ours. */
  readonly off?: { readonly kind?: string; readonly options?: object }
  /** How it hurts then. */
  readonly hurts?: 'memory' | 'nobody is served' | 'few are served'
}

export const CASES: readonly Case[] = [
  { attack: 'silent strangers until no descriptor is left', over: 'tcp', off: { kind: 'bare-tcp' }, hurts: 'nobody is served' },
  { attack: 'silent strangers until no descriptor is left', over: 'ws', off: { kind: 'bare-ws' }, hurts: 'nobody is served' },
  { attack: 'small messages that wait, each in a chunk of its own', over: 'tcp', off: { kind: 'naive-tcp' }, hurts: 'memory' },
  { attack: 'small messages that wait, each in a chunk of its own', over: 'ws', off: { kind: 'naive-ws' }, hurts: 'memory' },
  { attack: 'one message in fragments of one byte', over: 'ws', off: { kind: 'bare-ws' }, hurts: 'memory' },
  { attack: 'pings of a peer that never reads', over: 'tcp', off: { kind: 'naive-tcp' }, hurts: 'few are served' },
  { attack: 'pings of a peer that never reads', over: 'ws', off: { kind: 'naive-ws' }, hurts: 'few are served' },
  {
    attack: 'a peer that never reads, of an application that ignores what send says',
    over: 'tcp',
    off: { options: { maxSendBufferBytes: Infinity } },
    hurts: 'memory',
  },
  {
    attack: 'a peer that never reads, of an application that ignores what send says',
    over: 'ws',
    off: { options: { maxSendBufferBytes: Infinity } },
    hurts: 'memory',
  },
  {
    attack: 'messages of 16 MiB that are never finished',
    over: 'tcp',
    off: { options: { maxUnfinishedBytes: Infinity } },
    hurts: 'memory',
  },
  { attack: 'messages of 16 MiB that are never finished', over: 'ws', off: { options: { maxUnfinishedBytes: Infinity } }, hurts: 'memory' },
  { attack: 'messages of one byte without end', over: 'tcp', off: { kind: 'bare-tcp' }, hurts: 'few are served' },
  { attack: 'messages of one byte without end', over: 'ws', off: { kind: 'bare-ws' }, hurts: 'few are served' },
  { attack: 'pings without end', over: 'tcp', off: { kind: 'naive-tcp' }, hurts: 'few are served' },
  // What `ws` itself parses in a pipeline is not to be turned off; the bench shows it beside a bare server.
  { attack: 'requests in a pipeline', over: 'ws' },
]

/** Expects that honest peers are served in bounded memory, and that the attack hurts where the defence is off. */
export function hurtsOnlyWithoutDefence(cases: readonly Case[], ms: number): void {
  test.each(cases)('$attack, over $over', { timeout: 120_000 }, async ({ attack, over, off, hurts }) => {
    const ours = await underAttack(attack, over, { ms })
    expect(ours).toMatchObject({ isAlive: true })
    expect(ours.addedRss).toBeLessThan(attack.includes('16 MiB') ? 2 * LITTLE : LITTLE)
    if (ours.during !== undefined) expect(ours.during).toMatchObject({ refused: 0, lost: 0 })
    if (ours.during !== undefined) expect(ours.during.trips).toBeGreaterThan(0)

    if (off === undefined) return
    // How much an attacker gets done in a time depends on the machine: one that does not hurt yet is given more of it.
    for (let time = ms; ; time *= 2) {
      const hurt = await underAttack(attack, off.kind ?? over, { ms: time, options: off.options ?? {}, heapMb: 4_096 })
      const served = (hurt.during?.trips ?? 0) - (hurt.during?.lost ?? 0)
      const [found, bound] =
        hurts === 'memory'
          ? [-(hurt.isAlive ? (hurt.addedRss ?? 0) : Infinity), -(1.5 * (ours.addedRss ?? 0) + 32 * MIB)]
          : [served, hurts === 'nobody is served' ? 1 : ((ours.during?.trips ?? 0) * time) / ms / 2]
      if (found >= bound && time < 4 * ms) continue
      expect(found).toBeLessThan(bound)
      return
    }
  })
}
