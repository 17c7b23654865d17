/** The demo shows real peers over real sockets, and leaves nothing behind, however it ends. */
import { describeFlags, readFlags } from '../arguments.ts'
import { CommandRecording } from '../command-recording.ts'
import type { Command } from '../command.ts'
import { consoleFlag, openConsole } from '../console-link.ts'
import { ConsoleOutput } from '../console-output.ts'
import { integer, positive, text, toggle } from '../flags.ts'
import { LiveReport } from '../live-report.ts'
import { PlainReport } from '../plain-report.ts'
import { Stop } from '../stop.ts'
import { Hub } from './hub.ts'
import { Population } from './population.ts'
import { Show } from './show.ts'

const FLAGS = {
  peers: integer('N', 'how many peers, in other processes (default 24)', 1, 1_000),
  seconds: positive('S', 'how long (default: until Ctrl-C on a terminal, 30 elsewhere)', 1_000_000),
  max: integer('N', 'the most links that the hub holds at one time (default: two thirds of the peers)', 1, 1_000_000),
  record: text('FILE', 'write all that happens to the hub to a file, for qudag-connections replay'),
  'pool-timeout': integer('MS', 'how long an idle link waits in the pool, in milliseconds; 0: no pool (default 1000)', 0, 2_147_483_647),
  console: consoleFlag,
  'no-console': toggle('serve no console'),
}

/** Where nobody can press Ctrl-C. */
const DEFAULT_SECONDS = 30

const HELP = `qudag-connections demo: watch a manager at work

A hub in this process talks to peers in other processes on this machine, to a
third of them each over TLS, WebSocket and TCP, and to more of them than it may
hold links. Some call it, others it calls. Over TLS both ends prove who they are,
so that those who call have names too; under Node 24.7 or newer these links are
safe against quantum computers as well.
They chatter, hang up, go quiet and come back, and every few seconds one of
their processes is killed with SIGKILL. Some peers the hub keeps: they are dialled
again with growing pauses, until their breakers open, and close when they are
back. An urgent call at the limit takes the slot of a peer that is worth less.

The first line is the URL of the console: open it to see all of this in a browser.
On a terminal it shows a table, elsewhere plain lines. The last two lines are
a summary, and the hub's metrics as JSON.

Usage: qudag-connections demo [options]

Options:
${describeFlags(FLAGS)}

Try: qudag-connections demo --seconds 10 | tail -n 1`

/** `qudag-connections demo`. */
export const demo: Command = {
  name: 'demo',
  summary: 'watch a manager with real peers in other processes',
  help: HELP,
  async run(args) {
    const output = new ConsoleOutput()
    const given = readFlags(args, FLAGS)
    if (given === 'help') return output.print(HELP)
    const { peers = 24, max = Math.max(1, Math.round((peers * 2) / 3)), 'pool-timeout': poolTimeoutMs = 1_000 } = given
    const seconds = given.seconds ?? (output.isTerminal ? undefined : DEFAULT_SECONDS)
    const stop = new Stop(output.gone)
    const hub = await Hub.open({ maxConnections: max, poolTimeoutMs })
    const recording = await CommandRecording.of(hub.manager, given.record).catch(async (error: unknown) => {
      await hub.shutdown()
      stop.dispose()
      throw error
    })
    const population = new Population(peers, hub.addresses, hub.proof.identity.algorithm)
    const isWanted = given['no-console'] !== true
    const served = isWanted ? await openConsole(hub.manager, given.console ?? 'usual').catch((error: Error) => error) : undefined
    const show = new Show(hub, population, served)
    if (served !== undefined) output.print(served instanceof Error ? `no console: ${served.message}` : `console: ${served.url}`)
    const report = output.isTerminal ? new LiveReport(show, output) : new PlainReport(show, output)
    try {
      await show.run(report, stop, seconds)
    } finally {
      const { metrics } = hub.manager
      show.end(report)
      await hub.shutdown()
      await recording?.end()
      if (served !== undefined && !(served instanceof Error)) await served.close()
      await population.end()
      stop.dispose()
      output.print(JSON.stringify(metrics))
    }
  },
}
