/** The parts of the pages that are read off the code: each stands between two marks on one page, and all are renewed together. */
import { optionsTable } from './docs.mjs'
import { markdownTable, peerDiagram, peerTable } from './peer-diagram.mjs'

/** The generated parts by name, as their pages should have them. */
export function generatedParts({ peerMachine, SETTINGS, INSTRUMENTS, FLEET_INSTRUMENTS }) {
  return {
    'peer-diagram': peerDiagram(peerMachine),
    'peer-transitions': peerTable(peerMachine),
    'manager-options': optionsTable('src/runtime/options/options.ts', 'ManagerOptions'),
    'tcp-options': optionsTable('src/transports/tcp-options.ts', 'TcpOptions'),
    'tls-options': optionsTable('src/transports/tls-options.ts', 'TlsOptions'),
    'unix-options': optionsTable('src/transports/unix.ts', 'UnixOptions'),
    'websocket-options': optionsTable('src/transports/websocket-options.ts', 'WebSocketOptions'),
    'websocket-browser-options': optionsTable('src/transports/websocket-browser.ts', 'WebSocketOptions'),
    'memory-options': optionsTable('src/transports/memory.ts', 'MemoryOptions'),
    'memory-store-options': optionsTable('src/fleet/stores/memory-store.ts', 'MemoryStoreOptions'),
    'cluster-store-options': optionsTable('src/fleet/stores/cluster-store.ts', 'ClusterStoreOptions'),
    'redis-store-options': optionsTable('src/fleet/stores/redis-store.ts', 'RedisStoreOptions'),
    'etcd-store-options': optionsTable('src/fleet/stores/etcd-store.ts', 'EtcdStoreOptions'),
    'console-options': optionsTable('src/console/options.ts', 'ConsoleOptions'),
    'collect-options': optionsTable('src/observability/prometheus.ts', 'CollectOptions'),
    'webhook-options': optionsTable('src/observability/webhook-options.ts', 'WebhookOptions'),
    'instrument-options': optionsTable('src/observability/opentelemetry.ts', 'InstrumentOptions'),
    instruments: instrumentsTable(INSTRUMENTS),
    'fleet-instruments': instrumentsTable(FLEET_INSTRUMENTS),
    'run-settings': settingsTable(SETTINGS),
  }
}

/** What the command line's `run` can be told, by flag or by file. */
function settingsTable(settings) {
  const code = (text) => `\`${text.replaceAll('|', '\\|')}\``
  const rows = Object.entries(settings).map(([name, { placeholder, path, about }]) => [
    code(`--${name} ${placeholder}`.trimEnd()),
    code(path),
    about,
  ])
  return markdownTable(['flag', 'field of a file', 'what it sets'], rows)
}

/** What is measured of a manager. */
function instrumentsTable(instruments) {
  const rows = instruments.map(({ name, kind, unit, attributes, about, wrong }) => [
    `\`${name}\``,
    `${kind}, \`${unit}\``,
    attributes.map((attribute) => `\`${attribute}\``).join(' '),
    about,
    wrong,
  ])
  return markdownTable(['instrument', 'kind, unit', 'attributes', 'what it is', 'when it looks wrong'], rows)
}

/** What stands on a page under a name; undefined: it has no such marks. */
export function partOf(page, name) {
  return pattern(name).exec(page)?.[2].trim()
}

/** A page with one part renewed. */
export function renew(page, name, part) {
  return page.replace(pattern(name), (_, start, _old, end) => `${start}\n\n${part}\n\n${end}`)
}

function pattern(name) {
  return new RegExp(`(<!-- generated: ${name} -->)([\\s\\S]*?)(<!-- end -->)`)
}
