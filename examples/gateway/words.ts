/** What the gateway's clients, the gateway and its backends say to each other: JSON, a message each. */

/** A client asks a backend. */
export interface Ask {
  readonly to: string
  readonly text: string
}

/** What a client is told: a backend's answer, or why there is none. */
export type Told = { readonly from: string; readonly text: string } | { readonly from: string; readonly error: 'unknown' | 'away' }

/** What goes between the gateway and a backend: whose it is, and what was said. */
export interface Relayed {
  readonly user: string
  readonly text: string
}

/** The longest text of a client, in characters. */
const MAX_TEXT = 4_000

export function encode(word: Ask | Told | Relayed): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(word))
}

/** What a backend of ours said; it is trusted. */
export function decode(data: Uint8Array): Relayed {
  return JSON.parse(new TextDecoder().decode(data)) as Relayed
}

/** What a client said, which may be anything; undefined: nothing that is known here. */
export function decodeAsk(data: Uint8Array): Ask | undefined {
  try {
    const { to, text } = JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>
    return typeof to === 'string' && typeof text === 'string' && text.length <= MAX_TEXT ? { to, text } : undefined
  } catch {
    return undefined
  }
}
