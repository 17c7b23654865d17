import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import manifest from 'qudag-connections/package.json' with { type: 'json' }
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PAGES, textOf } from './pages.mjs'
import { commandsIn, programsIn } from './snippets.ts'

const run = promisify(execFile)
const PROGRAMS = PAGES.flatMap((page) =>
  programsIn(textOf(page)).map(({ name, ...program }) => ({ ...program, page, name: `${page}: ${name}` })),
)

describe('the snippets of the pages', () => {
  let home: string

  beforeAll(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'qudag-pages-')))
    const peers = Object.keys(manifest.peerDependencies)
    for (const name of [...Object.keys(manifest.dependencies), ...peers, '@types']) {
      mkdirSync(dirname(join(home, 'node_modules', name)), { recursive: true })
      symlinkSync(join(process.cwd(), 'node_modules', name), join(home, 'node_modules', name))
    }
    symlinkSync(process.cwd(), join(home, 'node_modules', manifest.name))
    writeFileSync(join(home, 'package.json'), JSON.stringify({ type: 'module' }))
    PROGRAMS.forEach(({ code }, index) => writeFileSync(join(home, `${index}.ts`), `${code}\n`))
    await build({
      entryPoints: PROGRAMS.map((_, index) => join(home, `${index}.ts`)),
      outdir: join(home, 'out'),
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      conditions: ['source', 'module'],
      // As with who pastes it: loaded where it is needed, and not all of it is made for bundles.
      external: peers,
      logLevel: 'error',
    })
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  test('compile in the strictest way', async () => {
    const config = {
      extends: join(process.cwd(), 'tsconfig.json'),
      // A snippet may show what it does not use.
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ['*.ts'],
    }
    writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc')

    const { stdout } = await run(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: home }).catch((error: { stdout: string }) => error)

    // Ours alone: what is wrong in the sources is said elsewhere.
    expect(stdout.split('\n').filter((line) => /^\d+\.ts/.test(line))).toEqual([])
  })

  test.concurrent.each(PROGRAMS.map(({ name, prints }, index) => ({ name, prints, index })))(
    '$name prints what it says, and ends by itself',
    async ({ prints, index }) => {
      const { stdout, stderr } = await run(process.execPath, [join(home, 'out', `${index}.mjs`)], { timeout: 55_000 })

      expect(stderr).toBe('')
      expect(stdout.trimEnd().split('\n')).toEqual(prints)
    },
  )

  test('the first program is JavaScript that can be pasted as it is', async () => {
    const first = PROGRAMS.find(({ page }) => page === 'README.md')
    const { errors, warnings } = await build({ stdin: { contents: first!.code, loader: 'js' }, format: 'esm', write: false })

    expect([...errors, ...warnings]).toEqual([])
  })

  test.each(PAGES)('the commands of %s are commands of this package', (page) => {
    const unknown = commandsIn(textOf(page)).filter((command) => {
      const [tool, verb, what] = command.split(' ')
      if (tool !== 'npm') return false
      if (verb === 'ci') return false
      if (verb === 'install') return what !== manifest.name
      return !Object.hasOwn(manifest.scripts, (verb === 'run' ? what : verb) ?? '')
    })
    const named = Array.from(textOf(page).matchAll(/npm run ([\w:]+)/g), ([, script]) => script!)

    expect(unknown).toEqual([])
    expect(named.filter((script) => !Object.hasOwn(manifest.scripts, script))).toEqual([])
  })

  test('the first page has the two commands', () => {
    expect(commandsIn(textOf('README.md'))).toEqual(expect.arrayContaining(['npm ci', 'npm start', 'npm test']))
  })
})
