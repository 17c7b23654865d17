/** The end of a socket whose last words have just been written: over TCP they have left by then, over TLS they leave in a turn or two. */
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'

/** So long words may take to leave, in milliseconds: who does not read does not hear them. */
const LINGER_MS = 1_000

/** Destroys a socket as soon as what was written to it has left, and in any case after a second. */
export function endSoon(socket: Socket, clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>): void {
  if (socket.writableLength === 0) return void socket.destroy()
  const timer = clock.setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clock.clearTimeout(timer))
  socket.destroySoon()
}
