/** A process that is to run for as long as a peer is kept does so, linked or not, and no longer. */

/** Whether a peer is kept; `'alive'`: and the process runs for as long as it is. */
export type Keep = boolean | 'alive'

/** What two callers ask for together. */
export function bothKeep(one: Keep, other: Keep): Keep {
  return one === 'alive' || other === 'alive' ? 'alive' : one || other
}

/** Keeps the process running while something asks for it. */
export class KeepAlive {
  /** Whether each kept peer asks for it. */
  readonly isForAll: boolean
  readonly #holdProcess: (() => () => void) | undefined
  #count = 0
  #letGo: (() => void) | undefined = undefined
  #isStopped = false

  /** @param holdProcess keeps the process running until what it gives is called; undefined: nothing can */
  constructor(holdProcess: (() => () => void) | undefined, isForAll: boolean) {
    this.#holdProcess = holdProcess
    this.isForAll = isForAll
  }

  /** How many ask for it. */
  get count(): number {
    return this.#count
  }

  add(): void {
    this.#count++
    if (!this.#isStopped) this.#letGo ??= this.#holdProcess?.()
  }

  remove(): void {
    if (--this.#count === 0) this.#release()
  }

  /** Lets the process end, whoever asks: nothing is begun any more. */
  stop(): void {
    this.#isStopped = true
    this.#release()
  }

  #release(): void {
    this.#letGo?.()
    this.#letGo = undefined
  }
}
