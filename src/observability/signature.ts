/** A signature that proves to a webhook who has called it, as "Standard Webhooks" has it: any of its libraries checks it. */

const PREFIX = 'whsec_'

/** Signs what one webhook is sent. */
export class Signer {
  readonly #key: Promise<CryptoKey>

  /** @param secret as it is checked with {@link isSecret} */
  constructor(secret: string) {
    this.#key = crypto.subtle.importKey('raw', bytesOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  }

  /** What the header `webhook-signature` says: HMAC-SHA256 of the id, the second and the body. */
  async sign(id: string, second: number, body: string): Promise<string> {
    const signed = new TextEncoder().encode(`${id}.${second}.${body}`)
    const mac = await crypto.subtle.sign('HMAC', await this.#key, signed)
    return `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`
  }
}

/** Whether it is one: `whsec_` and base64, of at least 16 bytes. */
export function isSecret(secret: string): boolean {
  if (!secret.startsWith(PREFIX)) return false
  try {
    return bytesOf(secret).length >= 16
  } catch {
    return false
  }
}

function bytesOf(secret: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(secret.slice(PREFIX.length)), (character) => character.charCodeAt(0))
}
