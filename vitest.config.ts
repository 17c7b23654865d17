/** Tests import the package by its own name and get its source, built or not. */
import { defineConfig } from 'vitest/config'

const LONG = 'test/**/*.long.test.ts'

export default defineConfig(({ mode }) => ({
  // `source` is the package's private export condition; `import`, `require` and `default` are asked for where they apply.
  // Named here they would be given to Node as well, whose `require` would then get what is for `import`.
  ssr: { resolve: { conditions: ['source', 'node'] } },
  resolve: { conditions: ['source', 'node'] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: mode === 'long' ? [] : [LONG],
    pool: 'forks',
    maxWorkers: 3,
    env: mode === 'long' ? { FC_RUNS: process.env['FC_RUNS'] ?? '5000' } : {},
    globalSetup: ['./test/setup/fresh-build.ts'],
    setupFiles: ['./test/setup/fast-check.ts'],
    reporters: ['default', './test/setup/suite-share.ts'],
    testTimeout: mode === 'long' ? 600_000 : 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
}))
