/** The actors that are known: a viewer that comes late is told of every one that still lives, as it stands now, and of none that is over. */

/** A message of the protocol of @statelyai/inspect, as it came. */
interface Message {
  readonly type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot'
  readonly sessionId: string
  readonly snapshot?: { readonly status?: unknown }
}

interface Known {
  /** Whose it is: its actors are gone when it is. */
  readonly source: object
  actor: Message | undefined
  latest: Message | undefined
}

const TYPES: readonly unknown[] = ['@xstate.actor', '@xstate.event', '@xstate.snapshot']

/** The actors that inspectors have told of. */
export class KnownActors {
  readonly #most: number
  readonly #actors = new Map<string, Known>()

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#actors.size
  }

  /**
   * Notes what a message says.
   *
   * @returns whether it is to be passed on: false where it is none of the protocol, or of an actor that is one too many
   */
  take(source: object, text: string): boolean {
    const message = parse(text)
    if (message === undefined) return false
    let known = this.#actors.get(message.sessionId)
    if (known === undefined) {
      if (this.#actors.size >= this.#most || isOver(message)) return false
      known = { source, actor: undefined, latest: undefined }
      this.#actors.set(message.sessionId, known)
    }
    if (message.type === '@xstate.actor') known.actor = message
    if (message.type === '@xstate.snapshot') known.latest = message
    if (isOver(message)) this.#actors.delete(message.sessionId)
    return true
  }

  /** An inspector has gone, and its actors with it. */
  forget(source: object): void {
    for (const [sessionId, known] of this.#actors) if (known.source === source) this.#actors.delete(sessionId)
  }

  /** What a late comer must be told. */
  *messages(): Generator<string, void, undefined> {
    for (const { actor, latest } of this.#actors.values()) {
      if (actor !== undefined) yield JSON.stringify(latest === undefined ? actor : { ...actor, snapshot: latest.snapshot })
      else if (latest !== undefined) yield JSON.stringify(latest)
    }
  }
}

function parse(text: string): Message | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { type, sessionId } = (value ?? {}) as Record<string, unknown>
  return TYPES.includes(type) && typeof sessionId === 'string' ? (value as Message) : undefined
}

function isOver({ type, snapshot }: Message): boolean {
  const status = snapshot?.status
  return type === '@xstate.snapshot' && status !== undefined && status !== 'active'
}
