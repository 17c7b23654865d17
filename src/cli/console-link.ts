/** A console that is wanted is there, at the port that was named or else at one that is free. */
import type { ConnectionManager } from '../connection-manager.ts'
import { serveConsole, type Console, type ConsoleSource } from '../console/index.ts'
import { optional } from './arguments.ts'
import { integer } from './flags.ts'

/** Where the console is unless told otherwise; where that is taken, at any free port. */
const USUAL_PORT = 7_007

/** `--console [PORT]`. */
export const consoleFlag = optional(
  integer(
    'PORT',
    `serve the console, a page that shows the machines, at this port of this machine (default ${USUAL_PORT}, or a free one)`,
    0,
    65_535,
  ),
  'usual' as const,
)

/**
 * Serves the console of a manager, or of a recording; whoever opens it closes it. Rejects with a ConnectionError where `ws` is not
 * installed.
 *
 * @param own gives this process a port of its own where several are given one
 */
export async function openConsole(
  manager: ConnectionManager | ConsoleSource,
  port: number | 'usual',
  own = (one: number): number => one,
): Promise<Console> {
  if (port !== 'usual') return serveConsole(manager, { port: own(port) })
  try {
    return await serveConsole(manager, { port: own(USUAL_PORT) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return serveConsole(manager)
  }
}
