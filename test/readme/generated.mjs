/** Keeps one thing true: the parts of the README that are read off the code stand between two marks, and are renewed together. */
import { optionsTable } from './docs.mjs'
import { markdownTable, peerDiagram, peerTable } from './peer-diagram.mjs'

/** The generated parts by name, as the README should have them. */
export function generatedParts({ peerMachine, SETTINGS }) {
  return {
    'peer-diagram': peerDiagram(peerMachine),
    'peer-transitions': peerTable(peerMachine),
    'manager-options': optionsTable('src/runtime/settings.ts', 'ManagerOptions'),
    'tcp-options': optionsTable('src/transports/tcp.ts', 'TcpOptions'),
    'unix-options': optionsTable('src/transports/unix.ts', 'UnixOptions'),
    'websocket-options': optionsTable('src/transports/websocket-options.ts', 'WebSocketOptions'),
    'websocket-browser-options': optionsTable('src/transports/websocket-browser.ts', 'WebSocketOptions'),
    'memory-options': optionsTable('src/transports/memory.ts', 'MemoryOptions'),
    'console-options': optionsTable('src/console/options.ts', 'ConsoleOptions'),
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

/** What stands in the README under a name; undefined: it has no such marks. */
export function partOf(readme, name) {
  return pattern(name).exec(readme)?.[2].trim()
}

/** The README with one part renewed. */
export function renew(readme, name, part) {
  if (partOf(readme, name) === undefined) throw new Error(`README.md has no <!-- generated: ${name} --> … <!-- end -->`)
  return readme.replace(pattern(name), (_, start, _old, end) => `${start}\n\n${part}\n\n${end}`)
}

function pattern(name) {
  return new RegExp(`(<!-- generated: ${name} -->)([\\s\\S]*?)(<!-- end -->)`)
}
