/** A guarded observable reports what a subscriber throws, or its handler's promise rejects with; neither ends the process or the stream. */
import { Observable, Subscriber, type Observer, type Operator, type Subscription, type TeardownLogic } from 'rxjs'
import { isThenable, type AppErrors } from './app-callback.ts'
import { ContextSubscriber } from './async-context.ts'

type Consumer<T> = Partial<Observer<T>> | ((value: T) => void) | null | undefined

/**
 * An Observable that stands between the app's handlers and RxJS, which throws what they throw out of a timer. What is
 * piped from it is guarded too.
 */
export class GuardedObservable<T> extends Observable<T> {
  readonly #errors: AppErrors

  constructor(errors: AppErrors, subscribe?: (subscriber: Subscriber<T>) => TeardownLogic) {
    super(subscribe === undefined ? undefined : (subscriber) => subscribe(inContext(errors, subscriber)))
    this.#errors = errors
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedObservable<R>(this.#errors)
    lifted.source = this
    lifted.operator = operator
    return lifted
  }

  override subscribe(observer?: Partial<Observer<T>>): Subscription
  override subscribe(next: (value: T) => void): Subscription
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription
  override subscribe(consumer?: Consumer<T>, error?: ((error: unknown) => void) | null, complete?: (() => void) | null): Subscription {
    // An operator's, or one that a stream of ours makes: it guards itself, or is guarded where it ends.
    if (isSubscriber(consumer)) return super.subscribe(consumer)
    const observer: Partial<Observer<T>> =
      typeof consumer === 'function' || consumer === null || consumer === undefined
        ? {
            ...(typeof consumer === 'function' ? { next: consumer } : {}),
            ...(typeof error === 'function' ? { error } : {}),
            ...(typeof complete === 'function' ? { complete } : {}),
          }
        : consumer
    return super.subscribe(new GuardedObserver(observer, this.#errors))
  }
}

/** What hands on to a subscriber in the context that it subscribes in; itself, where that is empty or seen to already. */
function inContext<T>({ contexts }: AppErrors, subscriber: Subscriber<T>): Subscriber<T> {
  if (contexts === undefined || subscriber instanceof ContextSubscriber) return subscriber
  const run = contexts.capture()
  return run === undefined ? subscriber : new ContextSubscriber(subscriber, run)
}

/** The app's observer, whose errors are reported. */
class GuardedObserver<T> implements Observer<T> {
  readonly #observer: Partial<Observer<T>>
  readonly #errors: AppErrors

  constructor(observer: Partial<Observer<T>>, errors: AppErrors) {
    this.#observer = observer
    this.#errors = errors
  }

  next(value: T): void {
    try {
      const answer: unknown = this.#observer.next?.(value)
      if (answer !== undefined) this.#answered(answer)
    } catch (error) {
      this.#errors.report(error, 'subscriber')
    }
  }

  error(error: unknown): void {
    try {
      if (this.#observer.error === undefined) this.#errors.report(error, 'subscriber')
      else this.#observer.error(error)
    } catch (thrown) {
      this.#errors.report(thrown, 'subscriber')
    }
  }

  complete(): void {
    try {
      const answer: unknown = this.#observer.complete?.()
      if (answer !== undefined) this.#answered(answer)
    } catch (error) {
      this.#errors.report(error, 'subscriber')
    }
  }

  /** A handler that is an async function. */
  #answered(answer: unknown): void {
    if (isThenable(answer)) Promise.resolve(answer).then(undefined, (error: unknown) => this.#errors.report(error, 'subscriber'))
  }
}

/** Whether this is a Subscriber, be it of another copy of RxJS: it is passed on as it is, so that unsubscribing reaches it. */
function isSubscriber<T>(consumer: Consumer<T>): consumer is Subscriber<T> {
  if (consumer instanceof Subscriber) return true
  if (typeof consumer !== 'object' || consumer === null) return false
  const { add, remove, unsubscribe } = consumer as { add?: unknown; remove?: unknown; unsubscribe?: unknown }
  return typeof add === 'function' && typeof remove === 'function' && typeof unsubscribe === 'function'
}
