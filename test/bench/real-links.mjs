/** The work on real links to another process, whoever opened them: dials at once, and messages until the other side has them. */
import { verify } from './workload.mjs'

/** How many dials are under way at once. */
export const AT_ONCE = 32
/** One message of 1 KB. */
export const MESSAGE = new Uint8Array(1_024).fill(7)

/** Does `count` things, some at once; how many a second. */
export async function allAtOnce(count, one) {
  const start = performance.now()
  let next = 0
  const worker = async () => {
    while (next < count) await one(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return (count * 1_000) / (performance.now() - start)
}

/** Does something again and again for so many milliseconds, some at once, and waits for what it has begun: it ends on any machine. */
export async function allFor(ms, one) {
  const end = performance.now() + ms
  let next = 0
  const worker = async () => {
    do await one(next++)
    while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Sends on every link, until the far side has it all; how many messages a second. */
export async function delivered(far, links, messages, sendAll) {
  const count = links.length * messages
  const start = performance.now()
  const received = far.received(count)
  await Promise.all(links.map(sendAll))
  const bytes = await received
  const perSecond = (count * 1_000) / (performance.now() - start)
  verify(bytes === count * MESSAGE.byteLength, `${bytes} bytes of ${count * MESSAGE.byteLength}`)
  return perSecond
}
