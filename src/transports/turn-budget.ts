/** A link that has much to deliver takes a small part of each turn of the event loop, and the others have the rest. */

/** The most frames that a link delivers before it asks for its next turn. */
export const FRAMES_A_TURN = 64

/** How long links that ask for more may work in one turn of the event loop, all together, in milliseconds. */
const WORK_MS = 1

/** A link that has used up its share and wants to go on. */
export interface TurnTaker {
  /** Goes on, with up to {@link FRAMES_A_TURN} frames more; asks again if there are still more. */
  continueTurn(): void
}

let waiting: TurnTaker[] = []
let head = 0
let isArmed = false

/**
 * Calls `continueTurn` in a later phase of the event loop, after whoever asked before. Asking twice is being called twice.
 * What `continueTurn` throws is uncaught, and the others go on.
 */
export function atNextTurn(link: TurnTaker): void {
  waiting.push(link)
  if (isArmed) return
  isArmed = true
  setImmediate(work)
}

function work(): void {
  const until = performance.now() + WORK_MS
  try {
    do waiting[head++]!.continueTurn()
    while (head < waiting.length && performance.now() < until)
  } finally {
    // One that throws costs the others no more than this turn.
    if (head === waiting.length) {
      waiting = []
      head = 0
      isArmed = false
    } else {
      if (head >= 1_024) {
        waiting = waiting.slice(head)
        head = 0
      }
      setImmediate(work)
    }
  }
}
