/** Keeps one thing true: what the README says of an option or an error is what its docstring says. */
import { readFileSync } from 'node:fs'
import { markdownTable } from './peer-diagram.mjs'

/**
 * The options of an interface, in its own order, those of an interface of ours that one of them takes in its place.
 *
 * @returns {{ name: string, fallback: string, says: string }[]}
 */
export function optionsOf(file, name) {
  const source = readFileSync(file, 'utf8')
  const body = new RegExp(`^export interface ${name} (?:extends \\w+ )?\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1]
  if (body === undefined) throw new Error(`${file} has no interface ${name}`)
  return Array.from(body.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?readonly (\w+)\??: (.*)$/gm), ([, doc, option, type]) => {
    if (new RegExp(`^export interface ${type} \\{`, 'm').test(source)) {
      return optionsOf(file, type).map((inner) => ({ ...inner, name: `${option}.${inner.name}` }))
    }
    const [says = '', fallback = ''] = plain(doc ?? '').split(/\s*@default\s+/)
    return { name: option, fallback, says }
  }).flat()
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
