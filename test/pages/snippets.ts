/** The programs and the commands of a page: what a reader would paste is what the tests run. */

/** One program: a block of a page, and those that are marked to go on from it. */
export interface Snippet {
  /** The heading it stands under, and the line at which it begins. */
  readonly name: string
  readonly code: string
  /** What its comments say that it prints, line by line. */
  readonly prints: readonly string[]
}

const CONTINUES = '<!-- continues -->'
const PRINTS = /\/\/ → (.*)$/

/** The programs among a page's `ts` blocks. */
export function programsIn(markdown: string): readonly Snippet[] {
  const programs: Snippet[] = []
  for (const { name, code, marked } of blocksOf(markdown, 'ts')) {
    const last = marked ? programs.pop() : undefined
    if (marked && last === undefined) throw new Error(`${name} goes on from nothing`)
    const whole = last === undefined ? code : `${last.code}\n${code}`
    programs.push({ name: last?.name ?? name, code: whole, prints: printed(whole) })
  }
  return programs
}

/** The commands among its `bash` blocks. */
export function commandsIn(markdown: string): readonly string[] {
  const lines = blocksOf(markdown, 'bash').flatMap(({ code }) => code.split('\n'))
  return lines.flatMap((line) => line.split('&&')).flatMap((command) => (command.trim() === '' ? [] : [command.trim()]))
}

function printed(code: string): readonly string[] {
  return code.split('\n').flatMap((line) => PRINTS.exec(line)?.[1] ?? [])
}

function blocksOf(markdown: string, language: string): { name: string; code: string; marked: boolean }[] {
  const blocks: { name: string; code: string; marked: boolean }[] = []
  let heading = ''
  let marked = false
  let open: { language: string; line: number; lines: string[] } | undefined
  markdown.split('\n').forEach((line, index) => {
    if (open !== undefined) {
      if (line !== '```') return void open.lines.push(line)
      if (open.language === language) blocks.push({ name: `${heading} (line ${open.line})`, code: open.lines.join('\n'), marked })
      open = undefined
      marked = false
    } else if (line.startsWith('```')) {
      open = { language: line.slice(3), line: index + 1, lines: [] }
    } else if (line.startsWith('#')) {
      heading = line.replace(/^#+ /, '')
    } else if (line === CONTINUES) {
      marked = true
    }
  })
  return blocks
}
