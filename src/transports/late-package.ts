/** A package that is loaded when it is first needed is missing or loaded; a failure that can pass is not kept. */
import type * as NodeModule from 'node:module'

/** What a loader says where there is no such package. Everything else may be otherwise the next time. */
const MISSING = new Set<unknown>(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])

/** Whether a package could not be loaded because it is not there: no later try will find it. */
export function isMissing(error: unknown): boolean {
  return MISSING.has((error as { code?: unknown } | null)?.code)
}

/** One optional package. */
export class LatePackage<T> {
  readonly #name: string
  readonly #import: () => Promise<T>
  #loaded: T | undefined = undefined
  /** Whether `import` has failed for a reason that passes. It keeps its failures for the life of the process. */
  #hasFailed = false

  /** @param importIt with the name written out, for bundlers */
  constructor(name: string, importIt: () => Promise<T>) {
    this.#name = name
    this.#import = importIt
  }

  /**
   * Loads it. Fails with the loader's own error: see {@link isMissing}, or a passing one (`EMFILE`, `ENFILE`, `ENOMEM`),
   * after which the next call tries again.
   */
  async load(): Promise<T> {
    return (this.#loaded ??= this.#hasFailed ? this.#require() : await this.#importOnce())
  }

  async #importOnce(): Promise<T> {
    try {
      return await this.#import()
    } catch (error) {
      this.#hasFailed = !isMissing(error) && moduleOfNode() !== undefined
      throw error
    }
  }

  /** `require` forgets what it could not load. */
  #require(): T {
    return moduleOfNode()!.createRequire(import.meta.url)(this.#name) as T
  }
}

/** Not imported: a browser has none. */
function moduleOfNode(): Pick<typeof NodeModule, 'createRequire'> | undefined {
  return typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:module')
}
