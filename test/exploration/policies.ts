/** The policies of explorations that have some: turns to be dialled, a line for slots, and breakers. */
import type { ManagerOptions } from 'qudag-connections'
import { WAIT_MS } from './deadlines.ts'

/** After so many failures in a row a breaker opens; more are no different. */
const FAILURES = 2

/** One dial at a time, a line of one for slots, and breakers that are open for as long as any other wait. */
export const POLICIES: ManagerOptions = {
  admission: 'queue',
  maxWaiting: 1,
  waitTimeoutMs: WAIT_MS,
  limits: { dialing: 1 },
  breaker: { failures: FAILURES, openMs: WAIT_MS, maxOpenMs: WAIT_MS },
  random: () => 0,
}
