/** The order of commands: a command happens wholly, its effects are carried out in order when the outermost one ends, and then what happened is told. */

/** An effect on the outside: carried out when the machines have settled, as it may call into code of others. */
type OrderedEffect<World, Peer, Argument> = (world: World, peer: Peer, argument: Argument) => void

/** The commands of one supervisor. */
export abstract class CommandOrder<Peer extends object> {
  #depth = 0
  #isCarryingOut = false
  /** What is to be carried out, three places each: the effect, its peer and its argument. A closure each would cost more. */
  readonly #effects: unknown[] = []
  #next = 0

  /** The effects of the outermost command have been carried out. */
  protected abstract carriedOut(): void

  /** An effect threw. What this throws itself is lost. @param peer undefined: it was of no single peer */
  protected abstract effectThrew(peer: Peer | undefined, error: unknown): void

  /** Whether a command is under way. */
  get isBusy(): boolean {
    return this.#depth > 0
  }

  /** Begins a command. A `try` follows at once, and its `finally` has the {@link leave}: no command stays open, whatever throws. */
  enter(): void {
    this.#depth++
  }

  /** Ends a command: carries out its effects, then tells what happened. */
  readonly leave = (): void => {
    if (--this.#depth > 0) return
    this.#carryOut()
    this.carriedOut()
  }

  /**
   * Ends what came about by itself: nobody expects it to have happened wholly when it returns. Within an effect the outer
   * command goes on with what follows from it, as a crowd whose effects follow from each other would use up the stack.
   */
  readonly leaveOrGoOn = (): void => {
    if (this.#depth === 1 && this.#isCarryingOut) this.#depth = 0
    else this.leave()
  }

  /** Gives up a command whose machine threw; its effects wait for the command that replaces the actor. */
  giveUp(): void {
    this.#depth--
  }

  /** Has an effect carried out at the end of the command. What it throws is a crash of that peer. */
  later<Argument>(peer: Peer, effect: OrderedEffect<this, Peer, Argument>, argument: Argument): void {
    this.#effects.push(effect, peer, argument)
  }

  /** Has something of no single peer carried out at the end of the command. What it throws is reported. */
  afterwards(effect: () => void): void {
    this.#effects.push(effect, undefined, undefined)
  }

  /** An effect may command: the inner command then carries out what is left of the outer one first. */
  #carryOut(): void {
    const effects = this.#effects
    if (effects.length === 0) return
    const isOuter = !this.#isCarryingOut
    this.#isCarryingOut = true
    while (this.#next < effects.length) {
      const effect = effects[this.#next]
      const peer = effects[this.#next + 1] as Peer | undefined
      const argument = effects[this.#next + 2]
      this.#next += 3
      try {
        if (peer === undefined) (effect as () => void)()
        else (effect as OrderedEffect<this, Peer, unknown>)(this, peer, argument)
      } catch (error) {
        this.effectThrew(peer, error)
      }
    }
    effects.length = this.#next = 0
    if (isOuter) this.#isCarryingOut = false
  }
}
