/** A wrong flag or value is refused before anything begins, in one line that names it. */
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
  /**
   * Takes its value from JSON.
   *
   * @throws UsageError that says what would have been right
   */
  check(value: unknown): T
}

/** The same flag, whose value may be left out: then it stands for `unsaid`. What follows it is its value where that is a number. */
export function optional<T, U>({ placeholder, about, read, check }: Flag<T>, unsaid: U): Flag<T | U> {
  return { placeholder: `[${placeholder}]`, about, read: (given) => (given.at(-1) === '' ? unsaid : read(given)), check }
}

/** What was given of some flags. */
export type Given<F> = { readonly [Name in keyof F]?: F[Name] extends Flag<infer T> ? T : never }

/** The command line was called wrongly; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads a command's arguments; `'help'`: it was asked for its help. What a flag makes of being given twice
 * is its own affair.
 *
 * @throws UsageError that names the argument
 */
export function readFlags<F extends Flags>(args: readonly string[], flags: F): Given<F> | 'help' {
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

/** The columns of a help. */
const HELP_WIDTH = 80
/** A flag that takes more has a line of its own. */
const WIDEST_FLAG = 26

/** Flags by name. */
export type Flags = Readonly<Record<string, Flag<unknown>>>

/** The lines of the help that tell of flags. */
export function describeFlags(flags: Flags): string {
  return describeGroups({ '': flags })
}

/** The same, under headings: the flags stand side by side across all of them. */
export function describeGroups(groups: Readonly<Record<string, Flags>>): string {
  const blocks = Object.entries(groups).map(([heading, flags]) => {
    return {
      heading,
      rows: Object.entries(flags).map(([name, { placeholder, about }]) => [`--${name} ${placeholder}`.trimEnd(), about] as const),
    }
  })
  blocks.at(-1)?.rows.push(['-h, --help', 'print this'])
  const width = Math.max(...blocks.flatMap(({ rows }) => rows.map(([flag]) => flag.length).filter((length) => length <= WIDEST_FLAG)))
  const indent = ' '.repeat(width + 5)
  const told = ([flag, about]: readonly [flag: string, about: string]): string => {
    const lines = wrapped(about, HELP_WIDTH - indent.length).join(`\n${indent}`)
    return flag.length > width ? `  ${flag}\n${indent}${lines}` : `  ${flag.padEnd(width)}   ${lines}`
  }
  return blocks.map(({ heading, rows }) => [...(heading === '' ? [] : [`${heading}:`]), ...rows.map(told)].join('\n')).join('\n\n')
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

function parse(args: readonly string[], flags: Flags): Parsed {
  const named = Object.fromEntries(
    Object.entries(flags).map(([name, { placeholder }]) => {
      return [name, { type: placeholder === '' ? ('boolean' as const) : ('string' as const), multiple: true as const }]
    }),
  )
  try {
    const help = { type: 'boolean', short: 'h' } as const
    return parseArgs({ args: withValues(args, flags), allowPositionals: true, options: { ...named, help } })
  } catch (error) {
    throw new UsageError(reword(error as Error & { code?: string }))
  }
}

/** A flag whose value may be left out, and is, gets an empty one. */
function withValues(args: readonly string[], flags: Flags): string[] {
  return args.map((arg, index) => {
    const isOptional = arg.startsWith('--') && flags[arg.slice(2)]?.placeholder.startsWith('[') === true
    return isOptional && !/^\d+$/.test(args[index + 1] ?? '') ? `${arg}=` : arg
  })
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
