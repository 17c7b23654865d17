import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import manifest from 'qudag-connections/package.json' with { type: 'json' }
import { describe, expect, test } from 'vitest'

const ENTRIES = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [] : [target.source]))
const DECLARATION = /^export (?:declare )?(?:abstract )?(?:async )?(?:interface|type|class|const|let|function\*?) ([\w$]+)/

/** An exported name and where it is declared. */
interface Exported {
  readonly name: string
  readonly file: string
  readonly documented: boolean
}

describe('every public export has a docstring', () => {
  test.each(ENTRIES)('%s', (entry) => {
    const exported = exportsOf(entry)

    expect(exported.length).toBeGreaterThan(0)
    expect(exported.filter(({ documented }) => !documented).map(({ name, file }) => `${name} (${file})`)).toEqual([])
  })

  test('one that is missing is found, and so is a name that leads nowhere', () => {
    const source = '/** The module. */\n\nexport const bare = 1\n\n/** It has one. */\nexport type Told = 1\n'

    expect(declarationsIn('a.ts', source)).toEqual([
      { name: 'bare', file: 'a.ts', documented: false },
      { name: 'Told', file: 'a.ts', documented: true },
    ])
    expect(() => lookUp('Lost', 'src/clock.ts')).toThrow('src/clock.ts does not declare Lost')
  })
})

describe('every member of what a user calls or fills in has a docstring', () => {
  test.each([
    ['src/connection-manager.ts', 'class ConnectionManager'],
    ['src/manager-readings.ts', 'abstract class ManagerReadings'],
    ['src/manager-tags.ts', 'abstract class ManagerTags'],
    ['src/runtime/holds/connection.ts', 'interface Connection'],
    ['src/runtime/actors/peer-view.ts', 'interface PeerView'],
    ['machines/domain/limits.ts', 'interface Limits'],
    ['src/transports/tcp-options.ts', 'interface TcpOptions'],
    ['src/transports/memory.ts', 'interface MemoryOptions'],
    ['src/transports/websocket-options.ts', 'interface WebSocketOptions'],
    ['src/transports/websocket-browser.ts', 'interface WebSocketOptions'],
    ['src/testing/scripted-options.ts', 'interface ScriptedOptions'],
  ])('%s: %s', (file, declaration) => {
    const lines = readFileSync(file, 'utf8').split('\n')
    const begin = lines.findIndex((line) => line.startsWith(`export ${declaration}`))
    const body = lines.slice(begin + 1, lines.indexOf('}', begin))
    const bare = body.filter((line, index) => isPublicMember(line) && !body[index - 1]?.trimEnd().endsWith('*/'))

    expect(begin).toBeGreaterThanOrEqual(0)
    // What says all there is to say by its name, and what is only an overload or the language's own.
    expect(bare.filter((line) => !/\bpeerId: PeerId$|\bstatus: ConnectionStatus$|Symbol\.|constructor\(/.test(line))).toEqual([])
  })
})

/** What an entry exports by name, with what it re-exports from others. */
function exportsOf(file: string): readonly Exported[] {
  const source = readFileSync(file, 'utf8')
  if (/^export \*/m.test(source)) throw new Error(`${file} exports names that it does not name`)
  const passedOn = Array.from(source.matchAll(/^export (?:type )?\{([^}]*)\} from '(.*)'/gm), ([, names, from]) =>
    names!
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((name) => lookUp(name, join(dirname(file), from!))),
  )
  return [...passedOn.flat(), ...declarationsIn(file, source)]
}

/** A name that another file declares. A type and a value of one name are two declarations, and each needs its words. */
function lookUp(name: string, file: string): Exported {
  const found = exportsOf(file).filter((exported) => exported.name === name)
  if (found.length === 0) throw new Error(`${file} does not declare ${name}`)
  return found.find(({ documented }) => !documented) ?? found[0]!
}

function declarationsIn(file: string, source: string): readonly Exported[] {
  const lines = source.split('\n')
  return lines.flatMap((line, index) => {
    const name = DECLARATION.exec(line)?.[1]
    return name === undefined ? [] : [{ name, file, documented: lines[index - 1]?.trimEnd().endsWith('*/') === true }]
  })
}

function isPublicMember(line: string): boolean {
  return /^ {2}(?!private|protected|#|\*|\/|\})[\w[*]/.test(line) && !/^ {2}(?:readonly )?(?:async )?\*?#/.test(line)
}
