/** Those who come to us never take every slot, so that our own dials find one. */

/** The most slots that inbound links may use: what was asked for, else four fifths of all, and never none by rounding. */
export function inboundCeiling(maxConnections: number, asked: number | undefined): number {
  return Math.min(maxConnections, asked ?? Math.max(1, Math.floor((maxConnections * 4) / 5)))
}

/** How many pooled inbound links must yield so that inbound links are within their ceiling again, or none is left that could. */
export function excessInbound(held: number, idle: number, ceiling: number): number {
  return Math.min(idle, Math.max(0, held - ceiling))
}
