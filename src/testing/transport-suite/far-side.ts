/** A side in another process, page or thread plays the same rows, and its silence is noticed. */
import type { Transport } from '../../transports/transport.ts'
import type { Facts, Plain, SideName } from './party.ts'
import { ROWS_BY_TITLE } from './rows.ts'
import { localSide, type Part, type Role, type Side, type Verdict } from './side.ts'

/** A way for texts to another process, page or thread and back, in order: a `MessagePort`, `process.send`, a WebSocket of your own. @since 0.1.0 */
export interface TextPort {
  post(text: string): void
  /** Called once: `hear` gets each text that comes. */
  listen(hear: (text: string) => void): void
}

type ToFar =
  | {
      readonly id: number
      readonly type: 'play'
      readonly title: string
      readonly role: Role
      readonly side: SideName
      readonly facts: Facts
    }
  | { readonly id: number; readonly type: 'told'; readonly word: string; readonly value: Plain }
  | { readonly id: number; readonly type: 'stop' | 'release' }
type ToNear =
  | { readonly id: number; readonly type: 'post'; readonly word: string; readonly value: Plain }
  | { readonly id: number; readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly id: number; readonly type: 'released' }

/** How long a side that was stopped may take to say what it waited for, in milliseconds. */
const GRACE_MS = 2_000

/**
 * A side that {@link serveSide} serves at the other end of `port`: `testTransport` takes it in the place of a transport,
 * so that a page's transport is tested from Node.
 *
 * @since 0.1.0
 */
export function farSide(port: TextPort): Side {
  const parts = new Map<number, (message: ToNear) => void>()
  let lastId = 0
  port.listen((text) => {
    const message = JSON.parse(text) as ToNear
    parts.get(message.id)?.(message)
  })
  const post = (message: ToFar): void => port.post(JSON.stringify(message))
  return {
    play(row, role, side, facts, tell): Part {
      const id = ++lastId
      const verdict = later<Verdict>()
      const released = later<void>()
      let silence: ReturnType<typeof setTimeout> | undefined
      let isSilent = false
      parts.set(id, (message) => {
        if (message.type === 'post') return tell(message.word, message.value)
        if (message.type === 'released') return released.resolve()
        clearTimeout(silence)
        verdict.resolve(message.verdict)
      })
      post({ id, type: 'play', title: row.title, role, side, facts })
      return {
        verdict: verdict.promise,
        told: (word, value) => post({ id, type: 'told', word, value }),
        stop: () => {
          post({ id, type: 'stop' })
          silence ??= setTimeout(() => {
            isSilent = true
            verdict.resolve({ kind: 'stopped', waitedFor: 'said nothing more, in its own process' })
          }, GRACE_MS)
        },
        release: async () => {
          clearTimeout(silence)
          post({ id, type: 'release' })
          if (!isSilent) await released.promise
          parts.delete(id)
        },
      }
    },
  }
}

/** Plays, with this transport, the side that a {@link farSide} at the other end of `port` asks for. @since 0.1.0 */
export function serveSide(transport: Transport, port: TextPort): void {
  const side = localSide(transport)
  const parts = new Map<number, Part>()
  const post = (message: ToNear): void => port.post(JSON.stringify(message))
  port.listen((text) => {
    const message = JSON.parse(text) as ToFar
    const { id } = message
    const part = parts.get(id)
    switch (message.type) {
      case 'play': {
        const row = ROWS_BY_TITLE.get(message.title)
        if (row === undefined) {
          const complaint = `knows no row "${message.title}": is it of the same version?`
          return post({ id, type: 'verdict', verdict: { kind: 'broken', complaint } })
        }
        const begun = side.play(row, message.role, message.side, message.facts, (word, value) => post({ id, type: 'post', word, value }))
        parts.set(id, begun)
        void begun.verdict.then((verdict) => post({ id, type: 'verdict', verdict }))
        return
      }
      case 'told':
        return part?.told(message.word, message.value)
      case 'stop':
        return part?.stop()
      case 'release':
        parts.delete(id)
        void Promise.resolve(part?.release()).then(() => post({ id, type: 'released' }))
    }
  })
}

function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
