/** What was asked and has no answer yet, so that a gateway which ends can wait for that. */
export class Asks {
  /** Whether more may be asked. */
  isOpen = true
  readonly #counts = new Map<string, Map<string, number>>()
  #whenNone: (() => void) | undefined

  add(backend: string, user: string): void {
    const counts = this.#counts.get(backend) ?? new Map<string, number>()
    this.#counts.set(backend, counts.set(user, (counts.get(user) ?? 0) + 1))
  }

  delete(backend: string, user: string): void {
    const counts = this.#counts.get(backend)
    const count = counts?.get(user) ?? 0
    if (count > 1) counts?.set(user, count - 1)
    else counts?.delete(user)
    if (counts?.size === 0) this.lost(backend)
  }

  /** What that backend had not answered it never will. */
  lost(backend: string): void {
    this.#counts.delete(backend)
    if (this.#counts.size === 0) this.#whenNone?.()
  }

  answered(): Promise<void> {
    return this.#counts.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.#whenNone = resolve))
  }
}
