/** Examples of docstrings compile, with what they name of this package imported for them. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import manifest from 'qudag-connections/package.json' with { type: 'json' }
import { expect, test } from 'vitest'
import { type Docstring, exampleIn, memberDocstrings, publicDocstrings } from './docstrings.ts'

const run = promisify(execFile)
const DOCSTRINGS = publicDocstrings()
const FACE = ['src/connection-manager.ts', 'src/manager-readings.ts', 'src/manager-tags.ts']
const MEMBERS = FACE.flatMap(memberDocstrings).map((one) => ({ ...one, entry: manifest.name }))
const EXAMPLES = [...new Map([...DOCSTRINGS, ...MEMBERS].map((one) => [`${one.file}:${one.line}`, one])).values()].flatMap((one) => {
  const code = exampleIn(one.text)
  return code === undefined ? [] : [{ ...one, code }]
})

/** What an example may stand on without saying where it comes from. */
const AROUND: Readonly<Record<string, string>> = {
  manager: "declare const manager: import('qudag-connections').ConnectionManager",
  otherManager: "declare const otherManager: import('qudag-connections').ConnectionManager",
  listener: "declare const listener: import('qudag-connections').Listener",
  machine: "const machine = (await import('xstate')).createMachine({})",
}

/** What needs to be shown: its use cannot be seen in its type. */
const SHOWN = [
  'ConnectionManager',
  'connect',
  'keep',
  'listen',
  'tag',
  'protect',
  'createSupervisorLogic',
  'KeptPeer',
  'alerts',
  'foldMetrics',
  'mergeMetrics',
  'compile',
  'record',
  'readRecording',
  'serveConsole',
  'statelyInspector',
  'testTransport',
  'scripted',
  'VirtualClock',
  'faultProxy',
  'websocket',
  'tcp',
  'unix',
  'memory',
]

test('what is not obvious from its type has an example', () => {
  expect(SHOWN.filter((name) => !EXAMPLES.some((one) => one.name === name))).toEqual([])
})

test('the examples compile in the strictest way', async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'qudag-examples-')))
  try {
    for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies), 'vitest', '@types']) {
      mkdirSync(dirname(join(home, 'node_modules', name)), { recursive: true })
      symlinkSync(join(process.cwd(), 'node_modules', name), join(home, 'node_modules', name))
    }
    symlinkSync(process.cwd(), join(home, 'node_modules', manifest.name))
    writeFileSync(join(home, 'package.json'), JSON.stringify({ type: 'module' }))
    EXAMPLES.forEach((one) => writeFileSync(join(home, fileOf(one)), programOf(one)))
    const config = {
      extends: join(process.cwd(), 'tsconfig.json'),
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ['*.ts'],
    }
    writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc')

    const { stdout } = await run(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: home }).catch((error: { stdout: string }) => error)

    // Ours alone: what is wrong in the sources is said elsewhere.
    expect(stdout.split('\n').filter((line) => /^[\w-]+\.ts/.test(line))).toEqual([])
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})

function fileOf({ name, line }: Docstring): string {
  return `${name}-${line}.ts`
}

/** The example as a program: the names of this package imported, its own entry's first. */
function programOf({ code, entry }: Docstring & { readonly code: string }): string {
  const names = new Set(code.match(/[A-Za-z_$][\w$]*/g))
  const declares = (name: string): boolean => new RegExp(`(?:const|let|import) (?:\\{[^}]*)?\\b${name}\\b`).test(code)
  const own = DOCSTRINGS.toSorted((a, b) => Number(b.entry === entry) - Number(a.entry === entry))
  const lines: string[] = []
  for (const name of names) {
    if (declares(name)) continue
    const around = AROUND[name]
    const from = own.find((one) => one.name === name)?.entry
    if (around !== undefined) lines.push(around)
    else if (name === 'createActor') lines.push("import { createActor } from 'xstate'")
    else if (from !== undefined && new RegExp(`(?<![.'\\w-])${name}(?!:| \\|)`).test(code)) lines.push(`import { ${name} } from '${from}'`)
  }
  return `${lines.join('\n')}\n${code}\nexport {}\n`
}
