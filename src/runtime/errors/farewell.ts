/** A farewell is the word that says to the other side why its link ends, the same from every place that ends links. */
import type { TransitionReason } from '../../../machines/domain/transition.ts'
import type { EndReason } from '../../transports/transport.ts'

const WORDS: { readonly [reason in TransitionReason]?: EndReason } = {
  disconnect: 'disconnected',
  shutdown: 'shutdown',
  evicted: 'evicted',
  'pool-expired': 'idle',
  'pool-evicted': 'idle',
  replaced: 'replaced',
}

/** What the other side is told of a link that ended with this move; undefined: nothing. */
export function farewellOf(reason: TransitionReason | undefined): EndReason | undefined {
  return reason === undefined ? undefined : WORDS[reason]
}
