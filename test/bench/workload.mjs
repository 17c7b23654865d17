/**
 * What a workload is made of: a module `NAME.bench.mjs` that exports `cases(size)`. Each case is measured by itself:
 *
 * - `name`, and the `unit` of what a round returns; `more: true` where more of it is better;
 * - `fresh: true` where each round wants a process of its own, as memory does; `rounds` where it wants another number;
 * - `contenders`, ours first. Each has a `name`, the `package` it comes from, and `run()`, which prepares it and gives
 *   `round()`, which verifies what it did and returns one number, `warm()` where a round is so short that compiling
 *   would be a part of it: the same work, before each round, and `stop()`; or `missing`, why there is nothing to
 *   measure yet.
 *
 * A contender imports the package that it measures in `run`: what another one brings along would slow it down too.
 *
 * A contender's `ratio` tells how many times better the first one is, by their medians. Where something else is
 * asked, the contender's own `ratio(results)` says it, of every contender's `{ min, median, max }` by name. Its `bar` is
 * what the ratio should be, `{ atLeast }` or `{ atMost }`; beyond `hopeless` no busy machine can explain it.
 */

/** How much of its work a workload does at this size; what is not given is as at the next larger one. */
export function sized(size, { tiny, smoke, normal, full }) {
  const sizes = { tiny: tiny ?? smoke ?? normal, smoke: smoke ?? normal, normal, full: full ?? normal }
  return sizes[size]
}

/** Throws unless a contender did all of its work: what is not done is fast. */
export function verify(isDone, what) {
  if (!isDone) throw new Error(`did less than its work: ${what}`)
}

/** What `work` takes for each of `count`, in microseconds. */
export async function microsecondsEach(count, work) {
  const start = performance.now()
  await work(count)
  return ((performance.now() - start) * 1_000) / count
}

/** The bytes on the JS heap when all that nobody needs is gone. */
export function heapUsed() {
  for (let i = 0; i < 4; i++) globalThis.gc()
  return process.memoryUsage().heapUsed
}
