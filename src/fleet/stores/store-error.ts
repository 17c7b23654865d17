/** The error of a store: one code, with the store, what was asked of it, and the cause. */
import { ConnectionError } from '../../errors.ts'

/** Why a store did not answer: too late, not reached, closed by us, or answered with what is no answer. */
export type StoreFailure = 'deadline' | 'unreachable' | 'closed' | 'refused'

const WHY: Readonly<Record<StoreFailure, string>> = {
  deadline: 'did not answer in time: a write may have been done all the same',
  unreachable: 'cannot be reached, or was lost before it answered: a write may have been done all the same',
  closed: 'was closed here: make a new one',
  refused: 'refused: look at the cause',
}

/** What a call of a store rejects with when the store gave no answer to it. */
export function storeError(store: string, call: string, reason: StoreFailure, cause?: unknown): ConnectionError {
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  return new ConnectionError('ERR_STORE', `the ${store} store, asked to ${call}, ${WHY[reason]}${why}`, {
    reason,
    ...(cause === undefined ? {} : { cause }),
  })
}
