/** Spans of a manager: a dial is shared, and so a trace of its own; a wait for it stands in the trace of whoever waits. */
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type Span, type Tracer } from '@opentelemetry/api'
import { shownPeerId } from '../../machines/domain/shown.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Move } from '../../machines/domain/transition.ts'
import { ConnectionError } from '../errors.ts'
import type { Ended, ObservedPeer, Observer } from '../runtime/callbacks/observer.ts'

/** One dial under way. */
interface DialSpan {
  readonly span: Span
  readonly inside: Context
  readonly children: Set<Span>
}

/** Makes spans of what it is told, until it is ended. */
export class Spans implements Observer {
  readonly #tracer: Tracer
  readonly #dials = new Map<PeerId, DialSpan>()
  /** Who waits for a peer that is not dialled yet, or is. */
  readonly #waits = new Map<PeerId, Set<Span>>()

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  moved({ peerId, error }: ObservedPeer, { fromState, toState, reason, failure }: Move): void {
    if (fromState === toState) return
    if (fromState === 'Connecting.dialing')
      this.#dialEnded(peerId, toState === 'Connected' ? undefined : (error ?? failure ?? { code: reason }), reason)
    if (toState === 'Connecting.dialing') this.#dialBegins(peerId)
  }

  connecting(peerId: PeerId): Ended | undefined {
    // Without a caller's span there is no trace that this could stand in.
    if (trace.getActiveSpan() === undefined) return undefined
    const dial = this.#dials.get(peerId)
    const links = dial === undefined ? [] : [{ context: dial.span.spanContext() }]
    const options = { kind: SpanKind.INTERNAL, attributes: attributesOf(peerId), links }
    const span = this.#tracer.startSpan('qudag.wait_for_connection', options, context.active())
    const waits = this.#waits.get(peerId) ?? new Set()
    this.#waits.set(peerId, waits.add(span))
    return (error) => {
      // Nobody observes any more: it has ended.
      if (!waits.delete(span)) return
      if (waits.size === 0 && this.#waits.get(peerId) === waits) this.#waits.delete(peerId)
      end(span, error)
    }
  }

  resolving(peerId: PeerId): Ended | undefined {
    return this.#child(peerId, 'qudag.resolve', {})
  }

  trying(peerId: PeerId, address: string): Ended | undefined {
    return this.#child(peerId, 'qudag.dial_address', { 'url.full': address })
  }

  securing(peerId: PeerId, address: string): Ended | undefined {
    return this.#child(peerId, 'qudag.tls_handshake', { 'url.full': address })
  }

  /** Ends every span that is open: nobody observes any more. */
  end(): void {
    for (const peerId of this.#dials.keys()) this.#dialEnded(peerId, undefined, undefined)
    for (const waits of this.#waits.values()) {
      for (const span of waits) span.end()
      waits.clear()
    }
    this.#waits.clear()
  }

  #dialBegins(peerId: PeerId): void {
    const span = this.#tracer.startSpan('qudag.connection_setup', { root: true, kind: SpanKind.CLIENT, attributes: attributesOf(peerId) })
    this.#dials.set(peerId, { span, inside: trace.setSpan(ROOT_CONTEXT, span), children: new Set() })
    for (const wait of this.#waits.get(peerId) ?? []) wait.addLink({ context: span.spanContext() })
  }

  #dialEnded(peerId: PeerId, error: unknown, reason: Move['reason'] | undefined): void {
    const dial = this.#dials.get(peerId)
    if (dial === undefined) return
    this.#dials.delete(peerId)
    // A look-up may still go on that nobody waits for any more.
    for (const child of dial.children) child.end()
    if (reason !== undefined) dial.span.setAttribute('qudag.connection.reason', reason)
    end(dial.span, error)
  }

  #child(peerId: PeerId, name: string, attributes: Readonly<Record<string, string>>): Ended | undefined {
    const dial = this.#dials.get(peerId)
    if (dial === undefined) return undefined
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, dial.inside)
    dial.children.add(span)
    return (error) => {
      if (dial.children.delete(span)) end(span, error)
    }
  }
}

function attributesOf(peerId: PeerId): Readonly<Record<string, string>> {
  return { 'qudag.peer.id': shownPeerId(peerId) }
}

function end(span: Span, error: unknown): void {
  if (error !== undefined) {
    const { code, name, message } = error as { readonly code?: unknown; readonly name?: string; readonly message?: string }
    const type = typeof code === 'string' ? code : (name ?? 'Error')
    span.setAttribute('error.type', type)
    span.setStatus({ code: SpanStatusCode.ERROR, message: ConnectionError.is(error) ? (message ?? type) : type })
  }
  span.end()
}
