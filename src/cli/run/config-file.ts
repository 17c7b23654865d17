/** A configuration file: every field of it is known and right, or the one that is not is named. */
import { readFileSync } from 'node:fs'
import { UsageError } from '../arguments.ts'
import { named, shown } from '../flags.ts'
import type { Settings } from './setting.ts'
import type { Values } from './values.ts'

/**
 * Reads a file of settings.
 *
 * @throws UsageError that names the file and the field
 */
export function readConfigFile(file: string, settings: Settings): Values {
  return named(`${file}:`, () => readConfig(parse(file), settings))
}

/**
 * Reads settings out of what was JSON.
 *
 * @throws UsageError that names the field
 */
export function readConfig(config: unknown, settings: Settings): Values {
  const fields = new Map(Object.values(settings).map((setting) => [setting.path, setting]))
  const groups = new Set([...fields.keys()].flatMap((path) => (path.includes('.') ? [path.slice(0, path.indexOf('.'))] : [])))
  const values = new Map<string, unknown>()
  if (!isObject(config)) throw new UsageError(`must hold an object, got ${shown(config)}`)
  read(config, '')
  return values

  function read(object: object, prefix: string): void {
    for (const [key, value] of Object.entries(object)) {
      const path = prefix + key
      const field = key.includes('.') ? undefined : fields.get(path)
      if (field !== undefined)
        values.set(
          path,
          named(path, () => field.check(value)),
        )
      else if (prefix === '' && groups.has(key)) readGroup(key, value)
      else throw new UsageError(`${path} is no field${prefix === '' ? '' : ` of ${prefix.slice(0, -1)}`}, known are: ${known(prefix)}`)
    }
  }

  function readGroup(name: string, value: unknown): void {
    const canBeOff = [...fields.values()].some(({ group }) => group === name)
    if (canBeOff && value === false) values.set(name, false)
    else if (isObject(value)) read(value, `${name}.`)
    else throw new UsageError(`${name} must be an object${canBeOff ? ', or false' : ''}, got ${shown(value)}`)
  }

  function known(prefix: string): string {
    const keys = [...fields.keys()].flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length).replace(/\..*/, '')] : []))
    return [...new Set(keys)].join(', ')
  }
}

function parse(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot be read: ${(error as Error).message}`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`is not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`)
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
