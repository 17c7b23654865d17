/** The tests of the runtime meet the mutant that `MUTANT` names where they would meet the drawn machine. */
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vitest/config'

const CONDITIONS = ['source', 'node', 'module', 'import', 'default']
const MUTANTS = fileURLToPath(new URL('mutants.ts', import.meta.url))

/** Puts what `asked` returns in the place of each exported machine. */
function mutating(): Plugin {
  return {
    name: 'mutating',
    enforce: 'pre',
    transform(code, id) {
      // Code that was emitted is of the drawn machine: a mutant is taken by its table.
      if (/\/generated\/(?:peer|supervisor)-code\.ts$/.test(id)) return 'export const code = undefined'
      const name = /\/machines\/(peer|supervisor)-machine\.ts$/.exec(id)?.[1]
      if (name === undefined) return undefined
      const drawn = `export const ${name}Machine = setup(`
      if (code.split(drawn).length !== 2) throw new Error(`${id} does not begin its machine with '${drawn}'`)
      return [
        `import { asked as askedFor } from ${JSON.stringify(MUTANTS)}`,
        code.replace(drawn, `const drawn = setup(`),
        `export const ${name}Machine = askedFor('${name}', drawn)`,
      ].join('\n')
    },
  }
}

export default defineConfig({
  plugins: [mutating()],
  ssr: { resolve: { conditions: CONDITIONS } },
  resolve: { conditions: CONDITIONS },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [],
    pool: 'forks',
    maxWorkers: 1,
    setupFiles: ['./test/setup/fast-check.ts'],
    reporters: [{}],
    bail: 1,
    // Most mutants that are noticed have somebody wait without end.
    testTimeout: 10_000,
    hookTimeout: 10_000,
    env: { FC_SEED: '20250117', FC_RUNS: '40' },
  },
})
