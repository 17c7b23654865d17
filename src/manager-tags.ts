/** The tags and protections of peers: what a manager is told about how much a peer is worth. */
import { assertDuration } from '../machines/domain/limits.ts'
import { assertKnown } from '../machines/domain/options.ts'
import { assertPeerId, type PeerId } from '../machines/domain/peer-id.ts'
import { assertName, assertValue, TAG_OPTIONS } from './manager-arguments.ts'
import { ManagerReadings } from './manager-readings.ts'
import { stoppedError } from './runtime/errors/refusals.ts'
import { assertObject } from './runtime/options/given-options.ts'
import type { Standings } from './runtime/peers/standing.ts'
import type { Running } from './supervisor-logic.ts'

/** A manager that is told what its peers are worth. */
export abstract class ManagerTags extends ManagerReadings {
  readonly #running: Running

  constructor(running: Running) {
    super(running)
    this.#running = running
  }

  /**
   * Says what a peer is worth: `value` under this name, in place of what the name stood for before. A peer may be tagged
   * before it is connected, and keeps its tags when it is forgotten; of unknown peers without protection the tags of the
   * 10_000 tagged or forgotten latest are kept. A peer's score is the sum of its tags, unless the option `score` says else.
   *
   * @param options `ttlMs`: the tag goes by itself after so many milliseconds
   * @throws TypeError or RangeError that names the argument; ConnectionError `ERR_STOPPED`
   * @example
   * manager.tag('tcp://127.0.0.1:7000', 'useful', 10, { ttlMs: 60_000 })
   */
  tag(peerId: PeerId, name: string, value: number, options: { readonly ttlMs?: number } = {}): void {
    assertPeerId(peerId)
    assertName(name)
    assertValue(value)
    assertObject('options', options)
    assertKnown('', options, TAG_OPTIONS)
    const { ttlMs } = options
    if (ttlMs !== undefined) assertDuration('ttlMs', ttlMs, 0)
    this.#accepting('tag a peer').tag(peerId, name, value, ttlMs)
  }

  /** Takes a tag away; one that is not there is none. */
  untag(peerId: PeerId, name: string): void {
    assertPeerId(peerId)
    assertName(name)
    this.#accepting('untag a peer').untag(peerId, name)
  }

  /**
   * Protects a peer from eviction. Counted by name: each call is taken back by one {@link unprotect} of that name. It
   * outlives the peer, for as long as it is not taken back.
   *
   * @example
   * manager.protect('tcp://127.0.0.1:7000', 'relay')
   */
  protect(peerId: PeerId, name: string): void {
    assertPeerId(peerId)
    assertName(name)
    this.#accepting('protect a peer').protect(peerId, name)
  }

  /** Takes one protection back; says whether the peer is still protected. */
  unprotect(peerId: PeerId, name: string): boolean {
    assertPeerId(peerId)
    assertName(name)
    return this.#accepting('unprotect a peer').unprotect(peerId, name)
  }

  #accepting(command: string): Standings {
    const { supervisor } = this.#running
    if (!supervisor.isAccepting) throw stoppedError(command, undefined)
    return supervisor.world.standings
  }
}
