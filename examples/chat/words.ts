/** The page and the server speak of the same things, and what is not one of them is nothing. */

/** What a page tells the server. */
export type FromPage = { readonly type: 'hello'; readonly name: string } | { readonly type: 'say'; readonly text: string }

/** What the server tells every page. */
export type FromServer =
  | { readonly type: 'here'; readonly names: readonly string[] }
  | { readonly type: 'came' | 'left'; readonly name: string }
  | { readonly type: 'said'; readonly name: string; readonly text: string }

/** The longest name and the longest text, in characters. */
const MAX_NAME = 40
const MAX_TEXT = 2_000

/** A link carries bytes. */
export function encode(word: FromPage | FromServer): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(word))
}

/** What the server said; it is trusted. */
export function decode(data: Uint8Array): FromServer {
  return JSON.parse(new TextDecoder().decode(data)) as FromServer
}

/** What a page said, which may be anybody; undefined: nothing that this server knows. */
export function decodeFromPage(data: Uint8Array): FromPage | undefined {
  try {
    const { type, name, text } = JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>
    if (type === 'hello' && isText(name, MAX_NAME)) return { type, name: name.trim() }
    if (type === 'say' && isText(text, MAX_TEXT)) return { type, text }
  } catch {
    // No JSON, or none of an object.
  }
  return undefined
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= longest
}
