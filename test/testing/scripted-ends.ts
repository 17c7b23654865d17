/** Dials and links of a scripted transport that tests hold, and what their handlers heard. */
import { scripted, type ScriptedOptions, type ScriptedTransport } from 'qudag-connections/testing'
import type { CloseReason } from '../../src/transports/transport.ts'

export const PEER = 'scripted://peer'

/** A handler that writes down what it is told. */
interface LogHandler {
  readonly log: unknown[]
  onMessage: (() => void) | undefined
  message(data: Uint8Array): void
  drain(): void
  closed(reason: CloseReason): void
}

export function handler(): LogHandler {
  const h: LogHandler = {
    log: [],
    onMessage: undefined,
    message: (data) => {
      h.log.push(data[0])
      h.onMessage?.()
    },
    drain: () => void h.log.push('drain'),
    closed: (reason) => void h.log.push(reason.kind),
  }
  return h
}

export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

export function dialled(options: ScriptedOptions = {}) {
  const transport: ScriptedTransport = scripted(options)
  const controller = new AbortController()
  const dialling = transport.dial(new URL(PEER), { peerId: PEER, signal: controller.signal })
  dialling.catch(() => {})
  const dial = transport.lastDial(PEER)
  if (dial === undefined) throw new Error('the dial is not recorded')
  return { transport, dialling, dial, abort: (reason?: unknown) => controller.abort(reason) }
}

export function opened(options: ScriptedOptions = {}) {
  return dialled(options).dial.open()
}

export function attached(options: ScriptedOptions = {}) {
  const { transport, dial } = dialled(options)
  const link = dial.open()
  const h = handler()
  link.attach(h)
  return { transport, link, h }
}
