/** Keeps one thing true: tests import the package by its own name and get its source, built or not. */
import { defineConfig } from 'vitest/config'

const LONG = 'test/**/*.long.test.ts'

export default defineConfig(({ mode }) => ({
  // `source` is the package's private export condition; the others are what Node itself would ask for.
  ssr: { resolve: { conditions: ['source', 'node', 'module', 'import', 'default'] } },
  resolve: { conditions: ['source', 'node', 'module', 'import', 'default'] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: mode === 'long' ? [] : [LONG],
    pool: 'forks',
    maxWorkers: 2,
    env: mode === 'long' ? { FC_RUNS: process.env['FC_RUNS'] ?? '5000' } : {},
    globalSetup: ['./test/setup/fresh-build.ts'],
    setupFiles: ['./test/setup/fast-check.ts'],
    reporters: ['default', './test/setup/suite-share.ts'],
    testTimeout: mode === 'long' ? 600_000 : 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
}))
