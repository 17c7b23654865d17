/** Hub and peers speak one small language: hello with a name, a question, an answer. */
import { ConnectionError } from '../../errors.ts'
import type { Connection } from '../../runtime/holds/connection.ts'
import { between, chance, pause } from '../pause.ts'

const HELLO = 1
const QUESTION = 2
const ANSWER = 3

/** What one message says. */
export type Said = { readonly kind: 'hello'; readonly name: string } | { readonly kind: 'question' } | { readonly kind: 'answer' }

/** The first message of a peer that calls: nothing else says who it is. */
export function hello(name: string): Uint8Array {
  return Uint8Array.of(HELLO, ...new TextEncoder().encode(name))
}

/** An answer to a question, of about its length. */
export function answer(question: Uint8Array): Uint8Array {
  return filled(ANSWER, question.byteLength)
}

/** What a message says. */
export function read(data: Uint8Array): Said {
  if (data[0] === HELLO) return { kind: 'hello', name: new TextDecoder().decode(data.subarray(1)) }
  return { kind: data[0] === QUESTION ? 'question' : 'answer' }
}

/** Asks questions for `ms` milliseconds, with spells of silence, or until the connection or the signal ends. Never rejects. */
export async function converse(connection: Connection, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const end = (): void => over.abort()
  void connection.closed.then(end)
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  const until = performance.now() + ms
  while (!over.signal.aborted && performance.now() < until) {
    say(connection, filled(QUESTION, between(32, 512)))
    await pause(chance(0.05) ? between(400, 1_200) : between(40, 200), over.signal)
  }
  signal.removeEventListener('abort', end)
}

/** Sends, unless the connection is over, which its end says, or more waits already than may: then it is left unsaid. */
export function say(connection: Connection | undefined, data: Uint8Array): void {
  try {
    connection?.send(data)
  } catch (error) {
    if (!ConnectionError.is(error)) throw error
  }
}

function filled(kind: number, length: number): Uint8Array {
  const data = new Uint8Array(Math.max(1, Math.round(length)))
  data[0] = kind
  return data
}
