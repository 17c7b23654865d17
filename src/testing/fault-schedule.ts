/** A run of faults is plain data, and the same seed gives the same run. */
import { mulberry32 } from './mulberry32.ts'

/** One thing that happens to what a proxy carries; `nth` picks among the links that are there, modulo how many. @since 0.1.0 */
export type ProxyFault =
  | { readonly type: 'latency'; readonly ms: number }
  | { readonly type: 'throttle'; readonly bytesPerSecond: number }
  | { readonly type: 'slowReads'; readonly pieceBytes: number }
  | { readonly type: 'vanish' }
  | { readonly type: 'heal' }
  | { readonly type: 'vanishOne'; readonly nth: number }
  | { readonly type: 'reset'; readonly nth: number }
  | { readonly type: 'truncate'; readonly nth: number; readonly bytes: number; readonly direction: 'toTarget' | 'toDialer' }
  /** No latency, no throttle, no slow reads, and the path is there. */
  | { readonly type: 'calm' }

/** A fault, and how long after the one before it, in milliseconds. @since 0.1.0 */
export interface ScheduledFault {
  readonly afterMs: number
  readonly fault: ProxyFault
}

/** What {@link seeded} draws from. @since 0.1.0 */
export interface SeededOptions {
  /** The mean of the time between two faults, in milliseconds. @default 100 */
  readonly everyMs?: number
  /** Which faults take part. @default all */
  readonly types?: readonly ProxyFault['type'][]
}

const TYPES: readonly ProxyFault['type'][] = [
  'latency',
  'throttle',
  'slowReads',
  'vanish',
  'heal',
  'vanishOne',
  'reset',
  'truncate',
  'calm',
]

/** An endless run of faults, the same for the same seed. @since 0.1.0 */
export function* seeded(seed: number, { everyMs = 100, types = TYPES }: SeededOptions = {}): Generator<ScheduledFault, never> {
  const random = mulberry32(seed)
  const upTo = (n: number): number => Math.floor(random() * n)
  for (;;) {
    const type = types[upTo(types.length)] ?? 'calm'
    yield { afterMs: upTo(2 * everyMs), fault: draw(type, upTo) }
  }
}

function draw(type: ProxyFault['type'], upTo: (n: number) => number): ProxyFault {
  const nth = upTo(1_000)
  switch (type) {
    case 'latency':
      return { type, ms: upTo(20) }
    case 'throttle':
      return { type, bytesPerSecond: 10_000 * (1 + upTo(100)) }
    case 'slowReads':
      return { type, pieceBytes: 1 + upTo(2_000) }
    case 'vanishOne':
    case 'reset':
      return { type, nth }
    case 'truncate':
      return { type, nth, bytes: upTo(5_000), direction: upTo(2) === 0 ? 'toTarget' : 'toDialer' }
    case 'vanish':
    case 'heal':
    case 'calm':
      return { type }
  }
}
