/** The supervisor's machine decides on a command before the call returns, whoever gives it and when. */
import type { EventObject, SnapshotFrom } from 'xstate'
import type { SupervisorEvent, supervisorMachine } from '../../../machines/supervisor-machine.ts'
import type { ConnectionError } from '../../errors.ts'

/** The state of the supervisor's machine. */
export type SupervisorSnapshot = SnapshotFrom<typeof supervisorMachine>

/**
 * The machine of one supervisor, ahead of its actor where it must be. A command reaches the machine as an event of the
 * actor. While the actor's mailbox is busy (the command is given by someone whom the actor is just notifying), the
 * event would wait: then it is decided here at once, and the actor catches up when its mailbox comes to it.
 */
export class SupervisorCore {
  snapshot: SupervisorSnapshot
  /** Why the event under way is refused; set by the machine's action. */
  refusal: ConnectionError | undefined = undefined
  readonly #send: (event: SupervisorEvent) => void
  readonly #step: (snapshot: SupervisorSnapshot, event: SupervisorEvent) => SupervisorSnapshot
  readonly #decided = new WeakSet<object>()
  #sending: SupervisorEvent | undefined = undefined
  #halted = false

  constructor(
    snapshot: SupervisorSnapshot,
    send: (event: SupervisorEvent) => void,
    step: (snapshot: SupervisorSnapshot, event: SupervisorEvent) => SupervisorSnapshot,
  ) {
    this.snapshot = snapshot
    this.#send = send
    this.#step = step
  }

  get state(): SupervisorSnapshot['value'] {
    return this.#halted ? 'Stopped' : this.snapshot.value
  }

  /** Has the machine decide on a command; returns why it refuses. */
  command(event: SupervisorEvent): ConnectionError | undefined {
    this.refusal = undefined
    this.#sending = event
    this.#send(event)
    if (this.#sending === event) {
      this.#sending = undefined
      this.#decided.add(event)
      this.#decide(event)
    }
    const { refusal } = this
    this.refusal = undefined
    return refusal
  }

  /** Takes an event out of the actor's mailbox; false: it is no command that was given here. */
  receive(event: EventObject): boolean {
    if (event === this.#sending) {
      const sent = this.#sending
      this.#sending = undefined
      this.#decide(sent)
      return true
    }
    return this.#decided.delete(event)
  }

  /** The actor is being stopped: nothing is decided any more. */
  halt(): void {
    this.#halted = true
  }

  #decide(event: SupervisorEvent): void {
    if (!this.#halted) this.snapshot = this.#step(this.snapshot, event)
  }
}
