/** Helps the processes of the tests beside it to run out of descriptors, and to have some again. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** Leaves this process so many descriptors in all. Not before it has loaded its modules: the loader opens many at once. */
export function limit(descriptors) {
  execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${descriptors}:${descriptors}`])
}

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
