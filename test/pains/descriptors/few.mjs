/** Helps the processes of the tests beside it to run out of descriptors, and to have some again. */
import { closeSync, openSync } from 'node:fs'

/** Takes every descriptor that is left. @returns gives `count` of them back, or all */
export function exhaust() {
  const held = []
  try {
    for (;;) held.push(openSync('/dev/null'))
  } catch {
    // The last one is taken.
  }
  return (count = Infinity) => {
    for (const fd of held.splice(0, count)) closeSync(fd)
  }
}

/** Says something to the test, as a line. */
export function say(fact) {
  process.stdout.write(`${JSON.stringify(fact)}\n`)
}
