/** The life of an etcd's data: a key with a name and with what is added to etcd's revisions, so that they grow when the data is lost. */
import { decoded, encoded, type EtcdAnswer, type EtcdGateway } from './etcd-gateway.ts'
import { firstRevision } from './store-revision.ts'

/** A life as a client knows it. */
export interface EtcdLife {
  /** What stands at the key: `base-cluster-random`. */
  readonly text: string
  /** What is added to a revision of etcd. */
  readonly base: number
}

/** Finds the life of the data, begins one where there is none, and another when the data was rolled back. */
export class EtcdLives {
  readonly #gateway: EtcdGateway
  readonly #key: string
  readonly #wall: () => number
  readonly #onChange: () => void
  #life: EtcdLife | undefined = undefined
  /** The last life that was known, by its text. */
  #lastText: string | undefined = undefined
  /** The highest revision that was told, in whatever life, and that of etcd in this one. */
  #highest = 0
  #highestRaw = 0

  /** @param onChange is told when another life than the last one known has begun */
  constructor(gateway: EtcdGateway, key: string, wall: () => number, onChange: () => void) {
    this.#gateway = gateway
    this.#key = encoded(key)
    this.#wall = wall
    this.#onChange = onChange
  }

  /** The life as far as is known; it is asked for once, and again after {@link forget}. */
  async known(signal: AbortSignal): Promise<EtcdLife> {
    return this.#life ?? this.ask(signal)
  }

  /** The life as it is now. */
  async ask(signal: AbortSignal): Promise<EtcdLife> {
    for (;;) {
      const before = this.#highestRaw
      const answer = await this.#gateway.ask('/v3/kv/range', { key: this.#key }, signal)
      const kv = answer.kvs?.[0]
      const text = decoded(kv?.value)
      const cluster = answer.header?.cluster_id ?? '0'
      const [base, itsCluster] = text.split('-')
      const isRolledBack = this.#lastText === text && revisionOf(answer) < before
      if (kv !== undefined && itsCluster === cluster && !isRolledBack) return this.#found({ text, base: Number(base) }, answer)
      const next = Math.max(firstRevision(this.#wall()), this.#highest + 1)
      const value = `${next}-${cluster}-${Math.random().toString(36).slice(2, 10)}`
      const compare = [{ key: this.#key, target: 'MOD', result: 'EQUAL', mod_revision: kv?.mod_revision ?? '0' }]
      // Whoever is first names it; the next turn reads what stands there.
      await this.#gateway.ask('/v3/kv/txn', { compare, success: [{ request_put: { key: this.#key, value: encoded(value) } }] }, signal)
      this.#highestRaw = 0
    }
  }

  /** It may be another: it is asked for before the next call. */
  forget(): void {
    this.#life = undefined
  }

  /** The condition of a transaction that this life goes on. */
  condition({ text }: EtcdLife): object {
    return { key: this.#key, target: 'VALUE', result: 'EQUAL', value: encoded(text) }
  }

  /** Whether an answer comes from before what was known when it was asked: the data was rolled back. */
  isRolledBack(answer: EtcdAnswer, knownWhenAsked: number): boolean {
    return revisionOf(answer) < knownWhenAsked
  }

  /** The highest revision of etcd that is known in this life. */
  get highestRaw(): number {
    return this.#highestRaw
  }

  /** Remembers how far the revisions have come. */
  saw(life: EtcdLife, answer: EtcdAnswer): void {
    if (life.text !== this.#lastText) return
    this.#highestRaw = Math.max(this.#highestRaw, revisionOf(answer))
    this.#highest = Math.max(this.#highest, life.base + this.#highestRaw)
  }

  #found(life: EtcdLife, answer: EtcdAnswer): EtcdLife {
    const isAnother = this.#lastText !== undefined && this.#lastText !== life.text
    if (this.#lastText !== life.text) this.#highestRaw = 0
    this.#lastText = life.text
    this.#life = life
    this.saw(life, answer)
    if (isAnother) this.#onChange()
    return life
  }
}

function revisionOf(answer: EtcdAnswer): number {
  return Number(answer.header?.revision ?? 0)
}
