/** A value is judged alike, and refused in the same words, on a command line and in a file. */
import { UsageError, type Flag } from './arguments.ts'

/** Text as it is. */
export function text(placeholder: string, about: string): Flag<string> {
  return checked(placeholder, about, (given) => given)
}

/** Text that `check` lets pass, as it gives it back; what it refuses it refuses with a UsageError. */
export function checked(placeholder: string, about: string, check: (given: string) => string): Flag<string> {
  return {
    placeholder,
    about,
    read: (given) => check(last(given)),
    check: (value) => (typeof value === 'string' ? check(value) : refuse('a text', value)),
  }
}

/** Something to be switched on. */
export function toggle(about: string): Flag<boolean> {
  return {
    placeholder: '',
    about,
    read: () => true,
    check: (value) => (typeof value === 'boolean' ? value : refuse('true or false', value)),
  }
}

/** One of some words. */
export function choice<T extends string>(words: readonly T[], about: string): Flag<T> {
  const check = (value: unknown): T => words.find((word) => word === value) ?? refuse(`one of ${words.join(', ')}`, value)
  return { placeholder: words.join('|'), about, read: (given) => check(last(given)), check }
}

/** The same flag, given as often as one likes; in a file a list. */
export function repeatable<T>({ placeholder, about, read, check }: Flag<T>): Flag<readonly T[]> {
  return {
    placeholder,
    about: `${about}; may be repeated`,
    read: (given) => given.map((one) => read([one])),
    check: (value) => (Array.isArray(value) ? value.map((one, index) => named(`[${index}]`, () => check(one))) : refuse('a list', value)),
  }
}

/** A whole number from `least` to `most`. */
export function integer(placeholder: string, about: string, least: number, most: number): Flag<number> {
  const fits = (value: number): boolean => Number.isInteger(value) && value >= least && value <= most
  return number(placeholder, about, { form: /^\d+$/, fits, wanted: `a whole number from ${least} to ${most}` })
}

/** A number above 0, decimals allowed, up to `most`. */
export function positive(placeholder: string, about: string, most: number): Flag<number> {
  const fits = (value: number): boolean => value > 0 && value <= most
  return number(placeholder, about, { form: /^(\d+\.?\d*|\.\d+)$/, fits, wanted: `a number above 0, at most ${most}` })
}

/** The same flag, which on the command line also takes the word `off`: then it is false. */
export function orOff<T>({ placeholder, about, read, check }: Flag<T>): Flag<T | false> {
  return {
    placeholder: `${placeholder}|off`,
    about,
    read: (given) => (last(given) === 'off' ? false : reworded(() => read(given))),
    check,
  }
}

interface Numbers {
  /** How it is written. */
  readonly form: RegExp
  readonly wanted: string
  fits(value: number): boolean
}

function number(placeholder: string, about: string, { form, wanted, fits }: Numbers): Flag<number> {
  return {
    placeholder,
    about,
    read: (given) => {
      const value = last(given)
      return form.test(value) && fits(Number(value)) ? Number(value) : refuse(wanted, value)
    },
    check: (value) => (typeof value === 'number' && fits(value) ? value : refuse(wanted, value)),
  }
}

/** Does something that may refuse a value, and says of what it was. */
export function named<T>(name: string, judge: () => T): T {
  try {
    return judge()
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${name}${error.message.startsWith('[') ? '' : ' '}${error.message}`)
    throw error
  }
}

function reworded<T>(judge: () => T): T {
  try {
    return judge()
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message.replace(/, got '/, ", or off, got '"))
    throw error
  }
}

function refuse(wanted: string, got: unknown): never {
  throw new UsageError(`must be ${wanted}, got ${shown(got)}`)
}

/** A wrong value, short: a text as the command line has it, anything else as JSON has it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function last(given: readonly string[]): string {
  return given.at(-1) ?? ''
}
