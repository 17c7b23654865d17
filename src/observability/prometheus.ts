/** Prometheus: the series of managers in a registry of the app's, read when it is scraped. */
/// <reference lib="esnext.disposable" preserve="true" />
import { createRequire } from 'node:module'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import type { ConnectionManager } from '../connection-manager.ts'
import { observe } from './observation.ts'
import { familyOf, type SeriesRegistry } from './series.ts'
import type { Undo } from './undo.ts'

export type { SeriesRegistry } from './series.ts'
export type { Undo } from './undo.ts'

/** How a manager is collected. @since 0.2.0 */
export interface CollectOptions {
  /** Where its series are registered: a registry of `prom-client`, or of another library with these methods. @default the global registry of `prom-client` */
  readonly register?: SeriesRegistry
  /** What every name begins with. @default '' */
  readonly prefix?: string
  /** The value of the label `manager`, which tells managers of one registry apart. @default 'default' */
  readonly manager?: string
}

const KNOWN = { register: true, prefix: true, manager: true } as const satisfies Known<CollectOptions>

/**
 * Has a manager's series in a registry, under the label `manager`, until the result is called or the manager ends. They
 * are read when the registry is; what has to be counted meanwhile is counted from the first call on.
 *
 * @throws TypeError or RangeError that names the argument or the option; the loader's error where no registry is given and
 * `prom-client` is not installed
 * @since 0.2.0
 */
export function collect(manager: ConnectionManager, options: CollectOptions = {}): Undo {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  assertKnown('', options, KNOWN)
  const { prefix = '', manager: name = 'default' } = options
  if (typeof prefix !== 'string') throw new TypeError('prefix must be a string')
  if (!/^([a-zA-Z_:][\w:]*)?$/.test(prefix)) throw new RangeError(`prefix must be the beginning of a metric's name, got '${prefix}'`)
  if (typeof name !== 'string') throw new TypeError('manager must be a string')
  const family = familyOf(checkRegistry(options.register ?? globalRegistry()), prefix)
  if (family.has(name)) throw new RangeError(`manager must be a name of its own: '${name}' is collected there already`)
  const observation = observe(manager, () => end())
  const end = (): void => {
    family.remove(name, observation)
    observation.end()
  }
  try {
    family.add(name, observation)
  } catch (error) {
    observation.end()
    throw error
  }
  return Object.assign(end, { [Symbol.dispose]: end })
}

function checkRegistry(registry: SeriesRegistry): SeriesRegistry {
  const given = registry as Partial<SeriesRegistry> | null
  if (typeof given?.registerMetric !== 'function' || typeof given.removeSingleMetric !== 'function') {
    throw new TypeError('register must have the methods registerMetric and removeSingleMetric, as a Registry of prom-client')
  }
  return registry
}

/** Loaded late: whoever gives a registry need not have this one. */
function globalRegistry(): SeriesRegistry {
  return (createRequire(import.meta.url)('prom-client') as { readonly register: SeriesRegistry }).register
}
