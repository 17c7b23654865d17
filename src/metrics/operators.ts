/** RxJS operators: what the manager makes its metrics of, anyone can make metrics of. */
import { defer, map, Observable, type OperatorFunction } from 'rxjs'
import type { AnyActorRef } from 'xstate'
import type { Move, Transition } from '../../machines/domain/transition.ts'
import type { FoldInput } from './fold-input.ts'
import { beginAt, initialMetrics, readMetrics, reduceMetrics, type FoldStart, type MetricsState } from './fold.ts'
import type { NetworkMetrics } from './network-metrics.ts'

/** How {@link foldMetrics} begins. @since 0.1.0 */
export interface FoldMetricsOptions extends Partial<FoldStart> {
  /** When the stream began, in milliseconds since the epoch. @default the `at` of the first input that has one */
  readonly at?: number
  /** Goes on from here; the other options are then not used. @default nothing has happened yet */
  readonly initial?: MetricsState
}

/**
 * Folds moves, traffic samples, inbound outcomes and changes of limits into metrics: one for each input.
 * Each subscription folds for itself, from the beginning.
 *
 * `movesOf(supervisor).pipe(foldMetrics({ limit: 100 }))` has every gauge right. Of `transitionsOf` it has `pooled` and
 * `closing` wrong whenever a pooled link is closed in order, since that changes no status.
 *
 * @throws TypeError or RangeError that names the option, when it is called
 * @since 0.1.0
 * @example
 * movesOf(manager.supervisor)
 *   .pipe(foldMetrics({ limit: 100 }))
 *   .subscribe((metrics) => console.log(metrics))
 */
export function foldMetrics(options: FoldMetricsOptions = {}): OperatorFunction<FoldInput, NetworkMetrics> {
  const begun = options.initial !== undefined || options.at !== undefined
  const first = options.initial ?? initialMetrics({ ...options, at: options.at ?? 0 })
  return (source) =>
    defer(() => {
      let state = first
      let dated = begun
      return source.pipe(
        map((input) => {
          if (!dated && 'at' in input) {
            state = beginAt(state, input.at)
            dated = true
          }
          state = reduceMetrics(state, input)
          return readMetrics(state)
        }),
      )
    })
}

/**
 * The changes of status that a supervisor's actor emits. Hot: it begins with the next one.
 * Completes when the actor is done or stopped; errors when the actor does.
 *
 * @param supervisor a running actor of `createSupervisorLogic`, or `manager.supervisor`
 * @since 0.1.0
 */
export function transitionsOf(supervisor: AnyActorRef): Observable<Transition> {
  return emittedBy(supervisor, ['peer.transition'])
}

/**
 * As {@link transitionsOf}, with the changes of substate too: the gapless record of each peer, as {@link foldMetrics}
 * takes it.
 *
 * @param supervisor a running actor of `createSupervisorLogic`, or `manager.supervisor`
 * @since 0.1.0
 */
export function movesOf(supervisor: AnyActorRef): Observable<Move> {
  return emittedBy(supervisor, ['peer.transition', 'peer.move'])
}

function emittedBy(actor: AnyActorRef, types: readonly string[]): Observable<Move> {
  return new Observable((subscriber) => {
    for (const type of types) {
      const listener = actor.on(type, (event: Move & { type: string }) => {
        const { type: _, ...move } = event
        subscriber.next(move)
      })
      subscriber.add(() => listener.unsubscribe())
    }
    const end = actor.subscribe({ error: (error) => subscriber.error(error), complete: () => subscriber.complete() })
    subscriber.add(() => end.unsubscribe())
    // XState tells a late subscriber of an actor that is done or has failed, but not of one that was stopped.
    if (actor.getSnapshot().status === 'stopped') subscriber.complete()
  })
}
