/** A foreign link is checked here, where a transport hands it over: a transport is somebody else's code too. */
import { wordFrom } from '../../transports/refusal.ts'
import type { CloseReason, EndReason, Link, Listener } from '../../transports/transport.ts'
import { ignoreRejection, isThenable } from './app-callback.ts'
import { isError } from '../../../machines/domain/realm.ts'
import { spelled } from '../errors/failures.ts'

const METHODS = ['attach', 'send', 'pause', 'resume', 'close', 'abort'] as const

const LOCAL: CloseReason = { kind: 'local' }
const REMOTE: CloseReason = { kind: 'remote' }

/** What is wrong with a link that a transport gave; undefined: nothing that can be seen. */
export function faultOfLink(link: unknown): TypeError | undefined {
  try {
    if (typeof link !== 'object' || link === null) return new TypeError('the transport gave no link')
    const given = link as { readonly [name in keyof Link]?: unknown }
    const missing = METHODS.find((name) => typeof given[name] !== 'function')
    if (missing !== undefined) return new TypeError(`the transport gave no link: it has no method ${missing}`)
    const { remoteAddress, remotePeerId, ping } = given
    if (typeof remoteAddress !== 'string')
      return new TypeError(`the transport gave a link whose remoteAddress is no text: ${spelled(remoteAddress)}`)
    if (remotePeerId !== undefined && typeof remotePeerId !== 'string')
      return new TypeError(`the transport gave a link whose remotePeerId is no peer id: ${spelled(remotePeerId)}`)
    if (ping !== undefined && typeof ping !== 'function') return new TypeError('the transport gave a link whose ping is no method')
    return undefined
  } catch (error) {
    return new TypeError(`the transport gave a link that throws when it is looked at: ${spelled(error)}`, { cause: error })
  }
}

/** How a link says that it ended; what says nothing of it, or nonsense, is an error of the link. */
export function closeReasonOf(given: unknown): CloseReason {
  try {
    const { kind, error, reason } = given as { readonly kind?: unknown; readonly error?: unknown; readonly reason?: unknown }
    if (kind === 'local') return LOCAL
    if (kind === 'remote') return remoteEnd(wordFrom(reason))
    if (kind === 'error' && isError(error)) return { kind, error }
    const what = kind === 'error' ? `an error that is none: ${spelled(error)}` : `a reason that is none: ${spelled(kind)}`
    return { kind: 'error', error: new TypeError(`the transport closed the link with ${what}`) }
  } catch (error) {
    return { kind: 'error', error: new TypeError('the transport closed the link without a reason', { cause: error }) }
  }
}

function remoteEnd(reason: string | undefined): CloseReason {
  return reason === undefined ? REMOTE : { kind: 'remote', reason }
}

/** Closes a link or a listener in order; rejects where the transport does not say when that is over. @throws what its `close` throws */
export function closing(link: { close(reason?: EndReason): Promise<void> }, reason?: EndReason): Promise<void> {
  const closed: unknown = reason === undefined ? link.close() : link.close(reason)
  return isThenable(closed) ? Promise.resolve(closed as Promise<void>) : Promise.reject(new TypeError('close must return a promise'))
}

/** Aborts whatever a transport gave for a link. Our end counts as free whatever comes of it. */
export function abortQuietly(link: unknown, cause?: Error, reason?: EndReason): void {
  try {
    const aborted = (link as { readonly abort?: (cause?: Error, reason?: EndReason) => unknown } | undefined | null)?.abort?.(cause, reason)
    if (isThenable(aborted)) ignoreRejection(aborted)
  } catch {
    // It was to be over, and it is: there is nothing left to fail.
  }
}

/** A round trip that a link has measured, in milliseconds; undefined: it is no measure. */
export function roundTripOf(given: unknown): number | undefined {
  return typeof given === 'number' && given >= 0 && given < Infinity ? given : undefined
}

/** The listener that a transport gave. @throws TypeError where it is none */
export function checkListener(given: unknown): Listener {
  const { address, close } = (given ?? {}) as { readonly address?: { readonly href?: unknown }; readonly close?: unknown }
  if (typeof close !== 'function') throw new TypeError('the transport gave no listener: it has no method close')
  if (typeof address?.href !== 'string') throw new TypeError('the transport gave a listener whose address is no URL')
  return given as Listener
}
