/** The help tells of every setting, on the command line and in a file, out of the table that reads them. */
import { describeGroups } from '../arguments.ts'
import { consoleFlag } from '../console-link.ts'
import { text, toggle } from '../flags.ts'
import { schemesInWords } from './address.ts'
import { HEADINGS, SETTINGS } from './settings.ts'

const CONFIGURATION = {
  config: text('FILE', 'read settings from a JSON file; what is given here wins over it. See --help config'),
  'print-config': toggle('print the settings that are in force as such a file, and end'),
}

/** Every flag of `run`. */
export const FLAGS = { ...SETTINGS, ...CONFIGURATION, console: consoleFlag }

/** What `run --help` prints. */
export const HELP = `qudag-connections run: supervise connections to real peers

Listens at some addresses, connects to others, and keeps doing so: a peer that
is lost is dialled again, with growing pauses, and left alone for a while when
it fails again and again. On a terminal it shows a table, elsewhere plain
lines, with --json one JSON object a line.

Usage: qudag-connections run [--listen URL]… [--connect URL]… [--keep URL]…
                             [--config FILE] [options]

${describeGroups({ ...HEADINGS, Configuration: CONFIGURATION, Console: { console: consoleFlag } })}

A URL begins with one of ${schemesInWords()}.

Two of them on one machine:
  qudag-connections run --listen tcp://127.0.0.1:7000 --echo
  qudag-connections run --keep tcp://127.0.0.1:7000 --send hello --every 500

Encrypted, for browsers and others; a dialer trusts a certificate of a private
authority by NODE_EXTRA_CA_CERTS=FILE:
  qudag-connections run --listen wss://0.0.0.0:443 --cert cert.pem --key key.pem

Between peers that prove who they are; the first prints its id and its URL:
  qudag-connections identity create a.pem
  qudag-connections identity create b.pem
  qudag-connections run --identity a.pem --listen tls://127.0.0.1:7443 --echo
  qudag-connections run --identity b.pem --connect tls://ID@127.0.0.1:7443

For a program, ten seconds long:
  qudag-connections run --listen tcp://127.0.0.1:0 --seconds 10 --json

JSON lines: every one has type and at (milliseconds since the epoch).
  begin       title, pid, limit
  listening   address
  console     url
  serving     url (of /metrics, /healthz and /readyz)
  fleet       fleet, node, state, store, why (while it is not as it should be)
  transition  seq, peerId, from, to, fromState, toState, reason, failure and
              remoteReason (if there is one); from or to is null: not
              known, or forgotten
  retry       peerId, attempt, inMs, code, message
  recovered   peerId, attempts, downMs
  abandoned    peerId, attempts, code, message
  breaker     peerId, state, failures, inMs (while open)
  evicted     peerId, by, score, newcomerScore
  metrics     NetworkMetrics, refused, received, sent (both messages, bytes)
  closing     links (where there are any)
  report      closed, forced, durationMs, received, sent: the last line

Ends in order at SIGINT and SIGTERM, at the second one at once. Exit code 0: it
ended in order, 1: it failed, 2: wrong usage.`

/** What `run --help config` prints. */
export const CONFIG_HELP = `qudag-connections run --config FILE: settings out of a file

A JSON object. Every field may be left out; one that is unknown or wrong is
refused by its name, before anything begins. A flag wins over its field. What
is "off" on the command line is false in place of the object. Where a flag may
be repeated there is a list.

${fieldLines()}

For example:
${example({
  listen: ['tcp://0.0.0.0:7000'],
  keep: ['tcp://10.0.0.7:7000'],
  maxConnections: 200,
  admission: 'evict',
  deny: ['192.0.2.0/24'],
  limits: { inbound: 150 },
  heartbeat: { idleMs: 5_000 },
  breaker: false,
})}

qudag-connections run --config FILE --print-config shows what is in force.`

function fieldLines(): string {
  const rows = Object.entries(HEADINGS).flatMap(([heading, settings]) => [
    `${heading}:`,
    ...Object.entries(settings).map(([name, { path }]) => `  ${path.padEnd(24)} --${name}`),
    '',
  ])
  return rows.join('\n').trimEnd()
}

function example(config: object): string {
  return Object.entries(config)
    .map(([field, value], index) => `${index === 0 ? '{ ' : '  '}"${field}": ${JSON.stringify(value)}`)
    .join(',\n')
    .concat(' }')
}
