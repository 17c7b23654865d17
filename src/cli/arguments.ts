/** Keeps one thing true: a wrong flag or value is refused before anything begins, in one line that names it. */
import { parseArgs } from 'node:util'

/** One flag that takes a value. */
export interface Flag<T> {
  /** What stands for its value in the help. */
  readonly placeholder: string
  /** What it sets, for the help. */
  readonly about: string
  /**
   * Reads its value.
   *
   * @throws UsageError that says what would have been right
   */
  read(text: string): T
}

/** What was given of some flags. */
export type Given<F> = { readonly [Name in keyof F]?: F[Name] extends Flag<infer T> ? T : never }

/** The command line was called wrongly; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads a command's arguments; `'help'`: it was asked for its help. Of a flag given twice the last counts.
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
    const text = values[name]
    if (typeof text === 'string') given[name] = readOne(name, flag, text)
  }
  return given as Given<F>
}

/** A whole number from `least` to `most`. */
export function integer(placeholder: string, about: string, least: number, most: number): Flag<number> {
  return { placeholder, about, read: (text) => readNumber(text, /^\d+$/, `a whole number from ${least} to ${most}`, least, most) }
}

/** A number above 0, decimals allowed, up to `most`. */
export function positive(placeholder: string, about: string, most: number): Flag<number> {
  return {
    placeholder,
    about,
    read: (text) => readNumber(text, /^(\d+\.?\d*|\.\d+)$/, `a number above 0, at most ${most}`, Number.MIN_VALUE, most),
  }
}

/** The lines of the help that tell of flags. */
export function describeFlags(flags: Readonly<Record<string, Flag<unknown>>>): string {
  const rows = Object.entries(flags).map(([name, { placeholder, about }]) => [`--${name} ${placeholder}`, about] as const)
  const all = [...rows, ['-h, --help', 'print this'] as const]
  const width = Math.max(...all.map(([flag]) => flag.length))
  return all.map(([flag, about]) => `  ${flag.padEnd(width)}   ${about}`).join('\n')
}

interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: readonly string[]
}

function parse(args: readonly string[], flags: Readonly<Record<string, unknown>>): Parsed {
  const named = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: 'string' } as const]))
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

function readOne(name: string, flag: Flag<unknown>, text: string): unknown {
  try {
    return flag.read(text)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`--${name} ${error.message}`)
    throw error
  }
}

function readNumber(text: string, form: RegExp, wanted: string, least: number, most: number): number {
  const value = Number(text)
  if (!form.test(text) || value < least || value > most) throw new UsageError(`must be ${wanted}, got '${text}'`)
  return value
}
