/** An attempt to dial: one address being tried, and what its transport is told. */
import { ipOfAddress } from '../../../machines/domain/ip.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { shownAddress } from '../../../machines/domain/shown.ts'
import { dialAccessOf, namesAnybody, type AccessRules } from '../../../machines/policy/access.ts'
import type { DialOptions, LinkFence } from '../../transports/transport.ts'
import type { Ended, Observers } from '../callbacks/observer.ts'

/** One address being tried. */
export class Attempt implements DialOptions {
  readonly peerId: PeerId
  /** The claim that the other side is shown. */
  declare fence?: LinkFence
  /** As it may be shown. */
  readonly address: string
  /** Who we are there. */
  readonly localPeerId: PeerId | undefined
  /** Whether the peer is named by what is dialled, and so may prove any id. */
  readonly isNamed: boolean
  readonly #access: AccessRules
  readonly #observer: Pick<Observers, 'securing'> | undefined
  /** Called when it is over, whoever has won. */
  ended: Ended | undefined = undefined
  #controller: AbortController | undefined = undefined
  #onAbort: ((reason: unknown) => void) | undefined = undefined
  #reason: Error | undefined = undefined

  constructor(
    peerId: PeerId,
    address: string,
    localPeerId: PeerId | undefined,
    access: AccessRules,
    observer: Pick<Observers, 'securing'> | undefined,
  ) {
    this.peerId = peerId
    this.localPeerId = localPeerId
    this.address = shownAddress(address)
    this.isNamed = peerId === address
    this.#access = access
    this.#observer = observer
  }

  /** Made when a transport first asks for it: an AbortController costs more than the rest of a dial. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  onAbort(f: ((reason: unknown) => void) | undefined): void {
    this.#onAbort = f
    if (this.#reason !== undefined) this.#tellAborted(this.#reason)
  }

  denies(ip: string): boolean {
    return isDenied(this.#access, undefined, ip)
  }

  securing(): Ended | undefined {
    return this.#observer?.securing(this.peerId, this.address)
  }

  abort(reason: Error): void {
    this.#reason = reason
    this.#controller?.abort(reason)
    this.#tellAborted(reason)
    this.ended?.(reason)
  }

  #tellAborted(reason: Error): void {
    const f = this.#onAbort
    this.#onAbort = undefined
    try {
      f?.(reason)
    } catch {
      // A transport of the app's own making: what it throws must not keep the other attempts from being aborted.
    }
  }
}

/** Whether the lists deny a peer, by its proven id or by an address of it. */
export function isDenied(access: AccessRules, peerId: PeerId | undefined, address: string): boolean {
  return namesAnybody(access.deny) && dialAccessOf(access, peerId, ipOfAddress(address)) === 'denied'
}
