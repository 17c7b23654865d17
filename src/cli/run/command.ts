/** Keeps one thing true: what is asked wrongly is refused before anything begins, and what has begun is ended in order. */
import type { Transition } from '../../../machines/domain/transition.ts'
import { describeFlags, integer, positive, readFlags, repeatable, text, toggle, UsageError, type Given } from '../arguments.ts'
import type { Command } from '../command.ts'
import { ConsoleOutput } from '../console-output.ts'
import { JsonReport } from '../json-report.ts'
import { LiveReport } from '../live-report.ts'
import { noteworthy } from '../plain-lines.ts'
import { PlainReport } from '../plain-report.ts'
import type { Report } from '../report.ts'
import { Stop } from '../stop.ts'
import { address, schemesInWords } from './address.ts'
import { Supervision, type SupervisionOptions } from './supervision.ts'

const LONGEST_MS = 2_147_483_647
const DEFAULTS = { max: 100, every: 1_000, metrics: 5 }

const FLAGS = {
  listen: repeatable(address('accept peers there; port 0 takes a free port and says which', 'listen')),
  connect: repeatable(address('connect to the peer there, and again when it is lost', 'dial')),
  max: integer('N', `the most links held at one time (default ${DEFAULTS.max})`, 1, 1_000_000),
  'pool-timeout': integer('MS', 'how long an unused link waits for reuse, in milliseconds; 0: no pool (default 300000)', 0, LONGEST_MS),
  seconds: positive('S', 'end after so many seconds (default: at SIGINT, which is Ctrl-C, or SIGTERM)', 1_000_000),
  echo: toggle('send back every message that arrives; not together with --send'),
  send: text('TEXT', 'send this to every peer: at once when it is connected, then every --every'),
  every: integer('MS', `how often --send sends, in milliseconds (default ${DEFAULTS.every})`, 1, LONGEST_MS),
  metrics: positive('S', `in lines, how often the metrics are told, in seconds (default ${DEFAULTS.metrics})`, 1_000_000),
  json: toggle('print JSON lines, on a terminal too'),
}

const HELP = `qudag-connections run: supervise connections to real peers

Listens at some addresses, connects to others, and keeps doing so: a peer that
is lost is dialled again, with growing pauses. On a terminal it shows a table,
elsewhere plain lines, with --json one JSON object a line.

Usage: qudag-connections run [--listen URL]… [--connect URL]… [options]

Options:
${describeFlags(FLAGS)}

A URL begins with one of ${schemesInWords()}.

Two of them on one machine:
  qudag-connections run --listen tcp://127.0.0.1:7000 --echo
  qudag-connections run --connect tcp://127.0.0.1:7000 --send hello --every 500

For a program, ten seconds long:
  qudag-connections run --listen tcp://127.0.0.1:0 --seconds 10 --json

JSON lines: every one has type and at (milliseconds since the epoch).
  begin       title, pid, limit
  listening   address
  transition  seq, peerId, from, to, fromState, toState, reason, failure (if
              there is one); from or to is null: not known, or forgotten
  retry       peerId, attempt, inMs, code, message
  metrics     NetworkMetrics, refused, received, sent (both messages, bytes)
  closing     links (where there are any)
  report      closed, forced, durationMs, received, sent: the last line

Ends in order at SIGINT and SIGTERM, at the second one at once. Exit code 0: it
ended in order, 1: it could not be done, 2: it was asked wrongly.`

/** `qudag-connections run`. */
export const run: Command = {
  name: 'run',
  summary: 'supervise connections to real peers',
  help: HELP,
  async run(args) {
    const given = readFlags(args, FLAGS)
    const output = new ConsoleOutput()
    if (given === 'help') return output.print(HELP)
    const supervision = new Supervision(check(given))
    const stop = new Stop(output.gone)
    let report: Report | undefined
    try {
      await supervision.listen()
      if (given.seconds !== undefined) stop.after(given.seconds)
      report = reportOn(supervision, output, given)
      await supervision.run(report, stop)
    } finally {
      await supervision.end(report)
      stop.dispose()
    }
  },
}

/** What of the flags goes together. */
function check(given: Given<typeof FLAGS>): SupervisionOptions {
  const { listen = [] } = given
  const connect = [...new Set(given.connect)]
  const { max: maxConnections = DEFAULTS.max, 'pool-timeout': poolTimeoutMs, echo = false, send, every } = given
  if (listen.length + connect.length === 0) throw new UsageError('nothing to do: give --listen URL, --connect URL, or both')
  if (connect.length > maxConnections)
    throw new UsageError(`--max must be at least the ${connect.length} of --connect, got '${maxConnections}'`)
  // Two that echo would pass one message to and fro for ever.
  if (echo && send !== undefined) throw new UsageError('--echo and --send exclude each other: let one side send and the other echo')
  if (every !== undefined && send === undefined) throw new UsageError('--every needs --send TEXT')
  return {
    listen,
    connect,
    maxConnections,
    echo,
    ...(poolTimeoutMs === undefined ? {} : { poolTimeoutMs }),
    ...(send === undefined ? {} : { refrain: { data: new TextEncoder().encode(send), everyMs: every ?? DEFAULTS.every } }),
  }
}

function reportOn(supervision: Supervision, output: ConsoleOutput, { json, metrics = DEFAULTS.metrics }: Given<typeof FLAGS>): Report {
  const metricsMs = metrics * 1_000
  const { exchange } = supervision
  const totals = () => ({ received: exchange.received, sent: exchange.sent })
  if (json) return new JsonReport(supervision, output, { metricsMs, totals })
  return output.isTerminal ? new LiveReport(supervision, output) : new PlainReport(supervision, output, { metricsMs, kindOf })
}

/** Here it is news that somebody comes or goes. */
function kindOf(transition: Transition): string | undefined {
  if (transition.to === 'Connected') return 'connected'
  return transition.reason === 'remote-closed' ? 'closed' : noteworthy(transition)
}
