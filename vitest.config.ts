/** Tests import the package by its own name and get its source, built or not. */
import { defineConfig } from 'vitest/config'

const LONG = 'test/**/*.long.test.ts'

/**
 * Files that share a process with others of this list: they have no globals, no mocks and no process of their own, and
 * loading everything anew for each would cost more than they do.
 */
const SHARED = ['compile', 'machines', 'metrics', 'policy', 'properties', 'races', 'runtime', 'storm'].map(
  (room) => `test/${room}/*.test.ts`,
)

export default defineConfig(({ mode }) => {
  const left = mode === 'long' ? [] : [LONG]
  return {
    // `source` is the package's private export condition; `import`, `require` and `default` are asked for where they apply.
    // Named here they would be given to Node as well, whose `require` would then get what is for `import`.
    ssr: { resolve: { conditions: ['source', 'node'] } },
    resolve: { conditions: ['source', 'node'] },
    test: {
      pool: 'forks',
      maxWorkers: 3,
      env: mode === 'long' ? { FC_RUNS: process.env['FC_RUNS'] ?? '5000' } : {},
      globalSetup: ['./test/setup/fresh-build.ts'],
      reporters: ['default', './test/setup/suite-share.ts'],
      projects: [
        { extends: true, test: { name: 'shared', include: SHARED, exclude: left, isolate: false, ...each(mode) } },
        {
          extends: true,
          test: {
            name: 'own',
            globalSetup: ['./test/setup/packed-package.ts'],
            include: ['test/**/*.test.ts'],
            exclude: [...SHARED, ...left],
            ...each(mode),
          },
        },
      ],
    },
  }
})

function each(mode: string) {
  return {
    setupFiles: ['./test/setup/fast-check.ts'],
    testTimeout: mode === 'long' ? 600_000 : 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  }
}
