/** The pages of the project: which there are, and where the generated parts of them stand. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { partOf, renew } from './generated.mjs'

const FOLDERS = ['src', 'machines', 'examples', 'test']

/** Every page, by its path from the root. */
export const PAGES = [
  ...readdirSync('.').filter((file) => file.endsWith('.md')),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // A package of its own has pages of its own.
      .filter((file) => file.endsWith('.md') && !/node_modules|xstate-inspect/.test(file))
      .map((file) => join(folder, file)),
  ),
].toSorted()

/** The text of a page. */
export function textOf(page) {
  return readFileSync(page, 'utf8')
}

/** The page that has a generated part. */
export function pageOf(name) {
  const found = PAGES.filter((page) => partOf(textOf(page), name) !== undefined)
  if (found.length !== 1) throw new Error(`<!-- generated: ${name} --> … <!-- end --> stands on ${found.length} pages, and belongs on one`)
  return found[0]
}

/** Renews a generated part; gives its page, and whether it was stale. */
export function renewPart(name, part) {
  const page = pageOf(name)
  const before = textOf(page)
  const after = renew(before, name, part)
  if (after !== before) writeFileSync(page, after)
  return { page, isStale: after !== before }
}
