/** A transport that is otherwise sound can be given one fault. */
import type { Arrival, Link, LinkHandler, Listener, Transport } from 'qudag-connections'
import type { HealableEnds } from 'qudag-connections/testing'
import { memory } from 'qudag-connections/transports/memory'

/** Small, so that the largest message is quickly made. */
export const MAX_FRAME_BYTES = 512 * 1024

/** What a fault may look at besides its own link. */
interface Scene {
  /** Its number among the links of this transport, from 1. */
  readonly number: number
  readonly side: SideName
  /** The first words of all that every link of this transport was asked to send, by link. */
  readonly sent: ReadonlyMap<Link, number[]>
  /** Whether the link is over. */
  isOver(): boolean
  /** Whether a side has crashed. */
  isCrashed(): boolean
  /** Whether the path is cut. */
  isCut(): boolean
  /** Calls `f` when the path is cut. */
  onCut(f: () => void): void
}

type SideName = 'dialer' | 'listener'

/** How many sockets the transport claims to have. */
interface SocketCount {
  open: number
}

/** One thing that is wrong. */
export interface Plant {
  /** What the link does otherwise. `link` is sound. */
  readonly link?: (link: Link, scene: Scene) => Partial<Link>
  /** What the handler is told otherwise. */
  readonly handler?: (handler: LinkHandler, link: Link, scene: Scene) => Partial<LinkHandler>
  /** What an arrival does otherwise. */
  readonly arrival?: (arrival: Arrival) => Partial<Arrival>
  /** It knows no admission. */
  readonly isPlain?: true
  readonly transport?: (transport: Transport, count: SocketCount) => Partial<Transport>
}

/** Ends of a memory transport with this fault at both, or at one of them. */
export function planted(plant: Plant, only?: SideName) {
  const base = memory({ maxFrameBytes: MAX_FRAME_BYTES })
  const sent = new Map<Link, number[]>()
  const path = new Path()
  const count: SocketCount = { open: 0 }
  let links = 0
  const wrap = (inner: Link, side: SideName): Link => {
    const link = path.link(inner, side)
    if (only !== undefined && only !== side) return link
    let isOver = false
    const scene: Scene = {
      number: ++links,
      side,
      sent,
      isOver: () => isOver,
      isCrashed: () => path.isCrashed,
      isCut: () => path.isCut,
      onCut: (f) => path.onCut.push(f),
    }
    const words: number[] = []
    const noted = override(link, {
      send(data) {
        if (words.length < 10) words.push(data.at(3) ?? -1)
        return link.send(data)
      },
      attach(handler) {
        const changed = plant.handler?.(handler, link, scene) ?? {}
        link.attach({
          message: (data) => (changed.message ?? handler.message).call(handler, data),
          drain: () => (changed.drain ?? handler.drain).call(handler),
          closed(reason) {
            isOver = true
            ;(changed.closed ?? handler.closed).call(handler, reason)
          },
        })
      },
      abort(cause) {
        isOver = true
        link.abort(cause)
      },
    })
    sent.set(link, words)
    return override(noted, plant.link?.(noted, scene) ?? {})
  }
  const changed = (arrival: Arrival): Arrival => {
    const same: Arrival = {
      remoteAddress: arrival.remoteAddress,
      admit: () => wrap(arrival.admit(), 'listener'),
      refuse: (refusal) => arrival.refuse(refusal),
      onGone: (f) => arrival.onGone(f),
    }
    return { ...same, ...plant.arrival?.(same) }
  }
  const sound: Transport = {
    schemes: base.schemes,
    dial: async (address, options) => wrap(await base.dial(address, options), 'dialer'),
    listen: (address, { onLink, onArrival }) =>
      base.listen!(address, {
        onLink: (link) => onLink(wrap(link, 'listener')),
        ...(onArrival && !plant.isPlain ? { onArrival: (arrival) => onArrival(changed(arrival)) } : {}),
      }),
  }
  const transport: Transport = { ...sound, ...plant.transport?.(sound, count) }
  return {
    dialer: transport,
    listener: transport,
    address: 'memory://hub:0',
    sockets: () => count.open,
    path,
  }
}

/** The same, with a path that can be cut. */
export function vanishing(plant: Plant): HealableEnds {
  const { path, ...ends } = planted(plant)
  return { ...ends, cut: () => path.cut(), heal: () => path.heal() }
}

/** The same, with a side that can crash. */
export function crashing(plant: Plant, victim: SideName): HealableEnds {
  const { path, ...ends } = planted(plant)
  return { ...ends, cut: () => path.crash(victim), heal: () => path.heal() }
}

/** A link that does some things otherwise. */
function override(link: Link, changes: Partial<Link>): Link {
  const same: Link = {
    remoteAddress: link.remoteAddress,
    get bufferedBytes() {
      return link.bufferedBytes
    },
    attach: (handler) => link.attach(handler),
    send: (data) => link.send(data),
    pause: () => link.pause(),
    resume: () => link.resume(),
    close: (reason) => link.close(reason),
    abort: (cause, reason) => link.abort(cause, reason),
    ping: (signal) => link.ping!(signal),
  }
  return Object.defineProperties(same, Object.getOwnPropertyDescriptors(changes))
}

/** A listener that does some things otherwise. */
export function listenerOf(listener: Listener, changes: Partial<Listener>): Listener {
  return { address: listener.address, close: () => listener.close(), ...changes }
}

/** What is between the ends: it can be cut, and then nothing passes and nobody is told. */
class Path {
  isCut = false
  isCrashed = false
  readonly onCut: (() => void)[] = []
  readonly #links: [Link, SideName][] = []
  readonly #onHeal: (() => void)[] = []

  cut(): void {
    this.isCut = true
    for (const f of this.onCut.splice(0)) f()
  }

  heal(): void {
    this.isCut = false
    for (const f of this.#onHeal.splice(0)) f()
  }

  crash(victim: SideName): void {
    this.isCrashed = true
    for (const [link, side] of this.#links) if (side === victim) link.abort(new Error('killed'))
  }

  link(link: Link, side: SideName): Link {
    this.#links.push([link, side])
    let held = 0
    let tell = (): void => {}
    const later = (f: () => void): void => void this.#onHeal.push(f)
    const isCut = (): boolean => this.isCut
    return override(link, {
      get bufferedBytes() {
        return link.bufferedBytes + held
      },
      send: (data) => {
        if (!isCut()) return link.send(data)
        held += data.byteLength
        const copy = data.slice()
        later(() => {
          held -= copy.byteLength
          link.send(copy)
        })
        return held < 1024 * 1024
      },
      ping: (signal) => {
        if (!isCut()) return link.ping!(signal)
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
      },
      attach: (handler) => {
        tell = () => handler.closed({ kind: 'local' })
        link.attach(handler)
      },
      abort: (cause) => {
        held = 0
        // Nobody at the other side may hear of it.
        if (isCut()) tell()
        else link.abort(cause)
      },
    })
  }
}
