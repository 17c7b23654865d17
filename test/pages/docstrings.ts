/** Docstrings of the public exports: what stands above each declaration that an entry of the package leads to. */
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import manifest from 'qudag-connections/package.json' with { type: 'json' }

const DECLARATION = /^export (?:declare )?(?:abstract )?(?:async )?(?:interface|type|class|const|let|function\*?) ([\w$]+)/

/** A declaration that is public, and its docstring. */
export interface Docstring {
  /** How a program imports it. */
  readonly entry: string
  readonly name: string
  readonly file: string
  /** The line of the declaration, from 1 on. */
  readonly line: number
  /** Its words, without the stars. */
  readonly text: string
}

/** Every public docstring, by entry; a name that several entries export comes with each. */
export function publicDocstrings(): readonly Docstring[] {
  return Object.entries(manifest.exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return []
    const sources = 'browser' in target ? [target.source, target.browser.source] : [target.source]
    const entry = `qudag-connections${path.slice(1)}`
    return sources.flatMap((source) => exportsOf(normalize(source)).map((one) => ({ entry, ...one })))
  })
}

/** The docstrings of the members of what a file declares. */
export function memberDocstrings(file: string): readonly Omit<Docstring, 'entry'>[] {
  const source = readFileSync(file, 'utf8')
  return Array.from(
    source.matchAll(/^ {2}(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n {2}(?:static |async )*(\w+)/gm),
    ({ 1: doc, 2: name, index }) => ({
      name: name!,
      file,
      line: source.slice(0, index).split('\n').length,
      text: plain(doc!.replace(/^ {2}/gm, '').split('\n')),
    }),
  )
}

/** The example of a docstring; undefined: it has none. */
export function exampleIn(text: string): string | undefined {
  return /@example\n([\s\S]*?)(?=\n@\w|$)/.exec(text)?.[1]
}

type Found = Omit<Docstring, 'entry'>

function exportsOf(file: string): readonly Found[] {
  const source = readFileSync(file, 'utf8')
  const passedOn = Array.from(source.matchAll(/^export (?:type )?\{([^}]*)\}(?: from '(.*)')?/gm), ([, names, from]) =>
    names!
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .flatMap((name) => lookUp(name, join(dirname(file), from ?? importOf(name, file, source)))),
  )
  return [...passedOn.flat(), ...declarationsIn(file, source)]
}

/** A type and a value of one name are two declarations. */
function lookUp(name: string, file: string): readonly Found[] {
  const found = exportsOf(file).filter((one) => one.name === name)
  if (found.length === 0) throw new Error(`${file} does not declare ${name}`)
  return found
}

function importOf(name: string, file: string, source: string): string {
  for (const [, names, from] of source.matchAll(/^import (?:type )?\{([^}]*)\} from '(.*)'/gm)) {
    if (names!.split(',').some((one) => one.trim().replace(/^type /, '') === name)) return from!
  }
  throw new Error(`${file} exports ${name} and does not say where it comes from`)
}

/** The declarations of a source, those that it exports itself. */
export function declarationsIn(file: string, source: string): readonly Found[] {
  const lines = source.split('\n')
  return lines.flatMap((line, index) => {
    const name = DECLARATION.exec(line)?.[1]
    if (name === undefined) return []
    return [{ name, file, line: index + 1, text: textAbove(lines, index) }]
  })
}

function textAbove(lines: readonly string[], index: number): string {
  if (!lines[index - 1]?.trimEnd().endsWith('*/')) return ''
  const begin = lines.findLastIndex((line, at) => at < index && line.startsWith('/**'))
  return plain(lines.slice(begin, index))
}

/** The words of a docstring, without its stars. */
function plain(lines: readonly string[]): string {
  return lines
    .map((line) => line.replace(/^\/\*\* ?|^ \*\/$|^ \* ?/, '').replace(/ ?\*\/$/, ''))
    .join('\n')
    .trim()
}
