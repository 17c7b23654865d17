/** The traffic since the start is a sum of samples, so that it merges and folds like every other counter. */
import type { TrafficSample } from './fold-input.ts'
import type { TrafficTotals } from './network-metrics.ts'

/** No message yet. */
export const NO_TRAFFIC: TrafficTotals = { messages: { in: 0, out: 0 }, bytes: { in: 0, out: 0 } }

/** The sum of two. */
export function addTotals(a: TrafficTotals, b: TrafficTotals): TrafficTotals {
  return {
    messages: { in: a.messages.in + b.messages.in, out: a.messages.out + b.messages.out },
    bytes: { in: a.bytes.in + b.bytes.in, out: a.bytes.out + b.bytes.out },
  }
}

/** The totals after one more sample. */
export function countSample(totals: TrafficTotals, { messages, messagesIn = 0, bytesIn, bytesOut }: TrafficSample): TrafficTotals {
  return addTotals(totals, { messages: { in: messagesIn, out: messages - messagesIn }, bytes: { in: bytesIn, out: bytesOut } })
}
