/** The debug log: with `NODE_DEBUG=qudag` each move of each manager of the process is a line on stderr, with its reason. */
import { shownPeerId } from '../machines/domain/shown.ts'
import { printable } from '../machines/domain/plain-text.ts'
import type { Move } from '../machines/domain/transition.ts'
import type { Supervisor } from './runtime/supervisor/supervisor.ts'

/** Writes every move of a supervisor to the log, until it ends. */
export function logMoves(supervisor: Supervisor, debug: (line: string) => void): void {
  supervisor.world.streams.moves.observable.subscribe((move) => debug(lineOf(move)))
}

function lineOf({ seq, peerId, fromState, toState, reason, failure }: Move): string {
  const why = failure === undefined ? '' : `: ${failure.code} ${failure.message}`
  return printable(`${seq} ${shownPeerId(peerId)}  ${fromState ?? 'new'} → ${toState ?? 'forgotten'}  ${reason}${why}`)
}
