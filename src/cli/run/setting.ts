/** A setting has one name on the command line and one place in a file, and one check serves both. */
import type { Flag } from '../arguments.ts'
import { orOff } from '../flags.ts'

/** One thing that can be set, by a flag or in a file. */
export interface Setting<T> extends Flag<T> {
  /** Its place in a file: `limits.inbound`. */
  readonly path: string
  /** What is in force unless it is set, as a file would say it; undefined: nothing, or what follows from something else. */
  readonly fallback: unknown
  /** What of the file is `false` where the flag is `off`; undefined: it cannot be turned off. */
  readonly group: string | undefined
}

/** Settings by the names of their flags. */
export type Settings = Readonly<Record<string, Setting<unknown>>>

/** A setting. Its default is said in its help. */
export function setting<T>(path: string, flag: Flag<T>, fallback?: unknown): Setting<T> {
  return { ...flag, about: withDefault(flag.about, fallback), path, fallback, group: undefined }
}

/** A setting that stands for the whole object around it, which `off` turns off. */
export function leading<T>(path: string, flag: Flag<T>, fallback?: unknown): Setting<T | false> {
  return { ...setting(path, orOff(flag), fallback), group: path.slice(0, path.lastIndexOf('.')) }
}

function withDefault(about: string, fallback: unknown): string {
  return typeof fallback === 'number' || typeof fallback === 'string' ? `${about} (default ${fallback})` : about
}
