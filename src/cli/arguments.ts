/** Keeps one thing true: a wrong flag or value is refused before anything begins, in one line that names it. */
import { parseArgs } from 'node:util'

/** One flag. */
export interface Flag<T> {
  /** What stands for its value in the help; empty: it takes none. */
  readonly placeholder: string
  /** What it sets, for the help. */
  readonly about: string
  /**
   * Reads the values that it was given, of which there is at least one; of a flag that takes none they are empty.
   *
   * @throws UsageError that says what would have been right
   */
  read(given: readonly string[]): T
}

/** What was given of some flags. */
export type Given<F> = { readonly [Name in keyof F]?: F[Name] extends Flag<infer T> ? T : never }

/** The command line was called wrongly; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads a command's arguments; `'help'`: it was asked for its help. Of a flag given twice the last counts, unless it is
 * {@link repeatable}.
 *
 * @throws UsageError that names the argument
 */
export function readFlags<F extends Readonly<Record<string, Flag<unknown>>>>(args: readonly string[], flags: F): Given<F> | 'help' {
  const { values, positionals } = parse(args, flags)
  const [stray] = positionals
  if (stray !== undefined) throw new UsageError(`unexpected argument '${stray}'`)
  if (values['help'] === true) return 'help'
  const given: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(flags)) {
    const texts = values[name]
    if (Array.isArray(texts)) given[name] = readOne(name, flag, texts.map(String))
  }
  return given as Given<F>
}

/** Text as it is. */
export function text(placeholder: string, about: string): Flag<string> {
  return { placeholder, about, read: last }
}

/** Something to be switched on. */
export function toggle(about: string): Flag<true> {
  return { placeholder: '', about, read: () => true }
}

/** The same flag, given as often as one likes. */
export function repeatable<T>({ placeholder, about, read }: Flag<T>): Flag<readonly T[]> {
  return { placeholder, about: `${about}; may be repeated`, read: (given) => given.map((one) => read([one])) }
}

/** A whole number from `least` to `most`. */
export function integer(placeholder: string, about: string, least: number, most: number): Flag<number> {
  return { placeholder, about, read: (given) => readNumber(last(given), /^\d+$/, `a whole number from ${least} to ${most}`, least, most) }
}

/** A number above 0, decimals allowed, up to `most`. */
export function positive(placeholder: string, about: string, most: number): Flag<number> {
  return {
    placeholder,
    about,
    read: (given) => readNumber(last(given), /^(\d+\.?\d*|\.\d+)$/, `a number above 0, at most ${most}`, Number.MIN_VALUE, most),
  }
}

/** The columns of a help. */
const HELP_WIDTH = 80

/** The lines of the help that tell of flags. */
export function describeFlags(flags: Readonly<Record<string, Flag<unknown>>>): string {
  const rows = Object.entries(flags).map(([name, { placeholder, about }]) => [`--${name} ${placeholder}`.trimEnd(), about] as const)
  const all = [...rows, ['-h, --help', 'print this'] as const]
  const width = Math.max(...all.map(([flag]) => flag.length))
  const indent = ' '.repeat(width + 5)
  return all
    .map(([flag, about]) => `  ${flag.padEnd(width)}   ${wrapped(about, HELP_WIDTH - indent.length).join(`\n${indent}`)}`)
    .join('\n')
}

function wrapped(about: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of about.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

interface Parsed {
  readonly values: Readonly<Record<string, boolean | (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
}

function parse(args: readonly string[], flags: Readonly<Record<string, Flag<unknown>>>): Parsed {
  const named = Object.fromEntries(
    Object.entries(flags).map(([name, { placeholder }]) => {
      return [name, { type: placeholder === '' ? ('boolean' as const) : ('string' as const), multiple: true as const }]
    }),
  )
  try {
    const help = { type: 'boolean', short: 'h' } as const
    return parseArgs({ args: [...args], allowPositionals: true, options: { ...named, help } })
  } catch (error) {
    throw new UsageError(reword(error as Error & { code?: string }))
  }
}

/** Node's own words take several lines, and say what is right of Node's own options. */
function reword({ code, message }: Error & { code?: string }): string {
  const flag = (/--[\w-]+/.exec(message) ?? /-\w/.exec(message))?.[0] ?? 'an option'
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `unknown option ${flag}`
  if (message.includes('does not take')) return `${flag} takes no value`
  if (message.includes('ambiguous')) return `${flag} needs a value; one that begins with a dash is written ${flag}=VALUE`
  return `${flag} needs a value`
}

function readOne(name: string, flag: Flag<unknown>, given: readonly string[]): unknown {
  try {
    return flag.read(given)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`--${name} ${error.message}`)
    throw error
  }
}

function last(given: readonly string[]): string {
  return given.at(-1) ?? ''
}

function readNumber(given: string, form: RegExp, wanted: string, least: number, most: number): number {
  const value = Number(given)
  if (!form.test(given) || value < least || value > most) throw new UsageError(`must be ${wanted}, got '${given}'`)
  return value
}
