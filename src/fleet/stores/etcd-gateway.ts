/** The JSON gateway of etcd: keys are base64, numbers of 64 bits are text, what is 0 is left out, and one of several members answers. */
import { PassingFailure } from './store-calls.ts'

/** What every answer begins with. */
export interface EtcdHeader {
  readonly cluster_id?: string
  readonly revision?: string
}

/** A key as etcd has it. */
export interface EtcdKv {
  readonly key: string
  readonly value?: string
  readonly version?: string
  readonly mod_revision?: string
  readonly lease?: string
}

/** An answer of some call. */
export interface EtcdAnswer {
  readonly header?: EtcdHeader
  readonly succeeded?: boolean
  readonly responses?: readonly { readonly response_range?: { readonly kvs?: readonly EtcdKv[] }; readonly response_txn?: EtcdAnswer }[]
  readonly kvs?: readonly EtcdKv[]
  readonly ID?: string
  readonly TTL?: string
  /** Of a stream. */
  readonly result?: EtcdAnswer
  readonly created?: boolean
  readonly canceled?: boolean
  readonly events?: readonly { readonly type?: 'DELETE'; readonly kv: EtcdKv }[]
}

/** What etcd refused, with its gRPC code. */
export class EtcdRefusal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** gRPC: the lease, or whatever was asked for, is not there. */
export const NOT_FOUND = 5
/** gRPC: it is there already. */
export const FAILED_PRECONDITION = 9
/** gRPC: cancelled, deadline exceeded, resource exhausted, aborted, unavailable. The next member, or the next moment, may answer. */
const PASSING = new Set([1, 4, 8, 10, 14])

/** The members of an etcd, asked one at a time. */
export class EtcdGateway {
  readonly #urls: readonly string[]
  readonly #fetch: typeof fetch
  readonly #headers: Readonly<Record<string, string>>
  #at = 0

  constructor(urls: readonly string[], fetchIt: typeof fetch, headers: Readonly<Record<string, string>>) {
    this.#urls = urls
    this.#fetch = fetchIt
    this.#headers = headers
  }

  /** Asks once. Rejects with a {@link PassingFailure} when no answer came, and the next call asks the next member; with an {@link EtcdRefusal}. */
  async ask(path: string, body: object, signal: AbortSignal): Promise<EtcdAnswer> {
    const { response, failed } = await this.#post(path, body, signal)
    try {
      // A stream of one answer has a line; JSON takes it with its end.
      const answer = (await response.json()) as EtcdAnswer
      return answer.result ?? answer
    } catch (error) {
      throw failed(error)
    }
  }

  /** The answers of a stream as they come, until it ends. Rejects as {@link ask}. */
  async *stream(path: string, body: object, signal: AbortSignal): AsyncGenerator<EtcdAnswer, void, undefined> {
    const { response, failed } = await this.#post(path, body, signal)
    const decoder = new TextDecoder()
    let text = ''
    try {
      for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(bytes, { stream: true })
        for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
          const { result } = JSON.parse(text.slice(0, end)) as EtcdAnswer
          text = text.slice(end + 1)
          if (result === undefined) throw new Error('etcd ended a stream with an error')
          yield result
        }
      }
    } catch (error) {
      throw failed(error)
    }
  }

  async #post(path: string, body: object, signal: AbortSignal) {
    const at = this.#at
    const failed = (cause: unknown): PassingFailure => {
      if (this.#at === at) this.#at = (at + 1) % this.#urls.length
      return new PassingFailure(cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause)
    }
    let response
    try {
      const headers = { 'content-type': 'application/json', ...this.#headers }
      response = await this.#fetch(`${this.#urls[at]}${path}`, { method: 'POST', headers, body: JSON.stringify(body), signal })
    } catch (error) {
      throw failed(error)
    }
    if (response.ok) return { response, failed }
    const { code, message, error } = (await response.json().catch(() => ({}))) as { code?: number; message?: string; error?: string }
    const said = message ?? error ?? `HTTP ${response.status}`
    if (code === undefined || PASSING.has(code)) throw failed(new Error(said))
    throw new EtcdRefusal(code, said)
  }
}

/** Text as etcd's JSON has it. */
export function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

/** Text that etcd's JSON has. */
export function decoded(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString('utf8')
}

/** The end of a range of all that begins with a text: its last byte one higher. No UTF-8 has a byte of 255. */
export function rangeEnd(prefix: string): string {
  const bytes = Buffer.from(prefix, 'utf8')
  bytes[bytes.length - 1]!++
  return bytes.toString('base64')
}
