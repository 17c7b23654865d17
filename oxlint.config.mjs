/** What the house forbids, the linter finds. The floors are in `test/house/floors.mjs`. */
import { floorOverrides } from './test/house/floors.mjs'

const IMPURE = [
  'Date',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'crypto',
  'process',
  'console',
  'fetch',
]

export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'vitest'],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['dist/**', 'coverage/**', '**/fixtures/**'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: true }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
    // A switch that returns in every case of a union needs no return after it; the compiler knows.
    'typescript/consistent-return': 'off',
    // Contracts are written with methods, and their users take them apart: `listen(address, { onLink })`.
    'typescript/unbound-method': 'off',
    // It flags every narrowing of `unknown`, and `types: {} as {…}`, which is how XState is told its types.
    // What is merely needless is still found, by no-unnecessary-type-assertion.
    'typescript/no-unsafe-type-assertion': 'off',
    // A deadline's `then` names the event that it sends; nothing awaits a deadline.
    'unicorn/no-thenable': 'off',
    // `fc.assert` is how fast-check is written.
    'import/no-named-as-default-member': 'off',
  },
  overrides: [
    ...floorOverrides(),
    {
      // A package of its own, with another XState: it would not find what it imports from here.
      files: ['src/inspect/xstate-inspect/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              { group: ['../**', 'qudag-connections', 'qudag-connections/**', '\\#*'], message: 'It imports nothing of the root package.' },
            ],
          },
        ],
      },
    },
    {
      // It makes what XState's constructor makes, field by field, by XState's names.
      files: ['src/compile/xstate-child.ts'],
      rules: { 'no-underscore-dangle': 'off' },
    },
    {
      files: ['machines/**'],
      rules: {
        'no-restricted-globals': [
          'error',
          ...IMPURE.map((name) => ({
            name,
            message: 'A machine is pure: time, randomness and I/O come in as events and go out as actions.',
          })),
        ],
        'no-restricted-properties': [
          'error',
          { object: 'Math', property: 'random', message: 'A machine is pure: randomness is an input.' },
          ...['globalThis', 'window', 'self'].flatMap((object) =>
            IMPURE.map((property) => ({ object, property, message: 'A machine is pure, by every name.' })),
          ),
        ],
      },
    },
    {
      files: ['test/**', 'examples/**'],
      rules: {
        'vitest/no-focused-tests': 'error',
        'vitest/no-disabled-tests': 'error',
        // A property asserts by `fc.assert`, and by what it returns.
        'vitest/expect-expect': 'off',
        // `test.prop([…])('…', () => {})` is a test block.
        'vitest/no-standalone-expect': 'off',
        // Generated input decides which of a property's expectations apply.
        'vitest/no-conditional-expect': 'off',
        'unicorn/consistent-function-scoping': 'off',
      },
    },
  ],
}
