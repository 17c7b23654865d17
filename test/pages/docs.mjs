/** The options and the error codes, read off their docstrings: what the pages say of one is what its docstring says. */
import { readFileSync } from 'node:fs'
import { markdownTable } from './peer-diagram.mjs'

/**
 * The options of an interface, in its own order, those of an interface of ours that one of them takes in its place.
 *
 * @returns {{ name: string, fallback: string, says: string }[]}
 */
export function optionsOf(file, name) {
  const { body, parents } = interfaceOf(file, name) ?? {}
  if (body === undefined) throw new Error(`${file} has no interface ${name}`)
  const inherited = parents.flatMap((parent) => optionsOf(...placeOf(file, parent)))
  const own = Array.from(body.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?readonly (\w+)\??: (.*)$/gm), ([, doc, option, type]) => {
    const [says = '', fallback = ''] = plain(doc ?? '').split(/\s*@default\s+/)
    const choices = type.split('|').map((choice) => choice.trim())
    const nested = choices.find((choice) => /^\w+Options$/.test(choice) && placeOf(file, choice) !== undefined)
    const inner = nested === undefined ? [] : optionsOf(...placeOf(file, nested)).map((one) => ({ ...one, name: `${option}.${one.name}` }))
    // An option that can be turned off as a whole is a row of its own, before those of its parts.
    return nested !== undefined && choices.length === 1 ? inner : [{ name: option, fallback, says }, ...inner]
  }).flat()
  return [...own, ...inherited]
}

/** Options are said where they are checked. */
const ELSEWHERE = ['src/runtime/options/door-settings.ts', 'src/transports/handshake-limits.ts', 'src/transports/tcp-options.ts']

function placeOf(file, name) {
  const found = [file, ...ELSEWHERE].find((place) => interfaceOf(place, name) !== undefined)
  return found === undefined ? undefined : [found, name]
}

function interfaceOf(file, name) {
  const source = readFileSync(file, 'utf8')
  const [, parents, body] = new RegExp(`^export interface ${name} (?:extends ([\\w, ]+) )?\\{(?:\\n([\\s\\S]*?)^)?\\}`, 'm').exec(
    source,
  ) ?? ['none']
  return parents === undefined && body === undefined ? undefined : { body: body ?? '', parents: parents?.split(', ') ?? [] }
}

/**
 * The codes of a ConnectionError and what they mean.
 *
 * @returns {{ code: string, means: string }[]}
 */
export function errorCodes() {
  const source = readFileSync('src/errors.ts', 'utf8')
  return Array.from(source.matchAll(/\/\*\* (.*) \*\/\n {2}\| '(ERR_\w+)'/g), ([, means, code]) => ({ code, means }))
}

/** The options as a table. */
export function optionsTable(file, name) {
  const rows = optionsOf(file, name).map((option) => [`\`${option.name}\``, option.fallback, option.says].map(cell))
  return markdownTable(['option', 'default', 'what it is'], rows)
}

function plain(doc) {
  return doc
    .replace(/^\s*\*? ?/gm, ' ')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()
}

function cell(text) {
  return text.replaceAll('|', '\\|')
}
