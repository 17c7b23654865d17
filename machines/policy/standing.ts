/** Keeps one thing true: what a peer is worth is the sum of its tags, unless the app says otherwise. */

/** The most unknown peers whose tags are kept. */
export const MAX_TAGGED_STRANGERS = 10_000

/** Whether the tags of the unknown peer that was tagged or forgotten longest ago must go. */
export function isStrangersFull(strangers: number): boolean {
  return strangers > MAX_TAGGED_STRANGERS
}

/** The sum of a peer's tags. Summed anew each time: adding and subtracting floats would drift, and two equals would not be equal. */
export function sumOfTags(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
