/** Access to the console: only a page that it has served, opened with its URL, gets to see anything. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Why a request is turned away. */
export interface Refusal {
  readonly status: number
  /** For the user: what is wrong and what to do. */
  readonly words: string
}

/** Everywhere, for addresses that stand for all of them. */
const ANYWHERE = new Set(['0.0.0.0', '::'])

/**
 * Judges requests. A page of another site may have this machine's browser send anything here (DNS rebinding, a form, a
 * WebSocket); what it cannot do is name our address as its own host and origin, or know the token.
 */
export class Access {
  readonly #token: Buffer
  readonly #hosts: ReadonlySet<string>

  /** @param host the address listened at, as it was given; @param port the port, as it came about */
  constructor(token: string, host: string, port: number) {
    this.#token = digest(token)
    this.#hosts = reachedAs(host, port)
  }

  /** Whether the request is for this console. */
  judgeHost({ headers: { host } }: IncomingMessage): Refusal | undefined {
    if (host !== undefined && this.#hosts.has(host.toLowerCase())) return undefined
    return { status: 403, words: `This console is not at '${host ?? ''}'. Open it at the URL that its server printed.` }
  }

  /** Whether the request comes from a page of this console. Programs say no origin: they are refused as well. */
  judgeOrigin({ headers: { host, origin } }: IncomingMessage): Refusal | undefined {
    if (origin !== undefined && origin.toLowerCase() === `http://${host?.toLowerCase()}`) return undefined
    return { status: 403, words: `A page of '${origin ?? 'nowhere'}' may not look at this console.` }
  }

  /** Whether the request has the token. */
  judgeToken(url: URL): Refusal | undefined {
    if (timingSafeEqual(digest(url.searchParams.get('token') ?? ''), this.#token)) return undefined
    return { status: 403, words: 'This console needs the token in its URL. Open the URL that its server printed, all of it.' }
  }
}

/** What a request names as its host, where it is for a server that listens there. */
export function reachedAs(host: string, port: number): ReadonlySet<string> {
  return new Set(hostsOf(host).flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])))
}

/** The names under which an address can be reached. */
function hostsOf(host: string): readonly string[] {
  const loopback = ['127.0.0.1', 'localhost', '[::1]']
  if (!ANYWHERE.has(host)) return [...loopback, inUrl(host.toLowerCase())]
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return [...loopback, ...own.map(({ address }) => inUrl(address.toLowerCase()))]
}

/** An address as it stands in a URL. */
export function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}

/** Of equal length, whatever is compared. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
