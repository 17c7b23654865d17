/** What would be published is what the manifest promises, to Node, to bundlers and to TypeScript. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BIN = join(process.cwd(), 'node_modules')
const home = mkdtempSync(join(tmpdir(), 'qudag-package-'))

try {
  // Packed once, without prepack: the build has been a step of its own, and both tools must see the same tarball.
  const pack = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home], { encoding: 'utf8' })
  if (pack.status !== 0) throw new Error(`npm pack failed\n${pack.stderr}`)
  const [{ filename, size, unpackedSize, files }] = JSON.parse(pack.stdout)
  const tarball = join(home, filename)
  console.log(`${filename}: ${files.length} files, ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked`)
  const unwanted = files
    .map((file) => file.path)
    .filter((path) => /^test\/(?!bench\/README\.md$)|node_modules|\.test\.|tsbuildinfo|\.built/.test(path))
  if (unwanted.length > 0) fail(`these should not be packed: ${unwanted.join(', ')}`)
  run('publint', ['publint/src/cli.js', 'run', tarball, '--strict'])
  run('arethetypeswrong', ['@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji'])
} finally {
  rmSync(home, { recursive: true, force: true })
}

/** Runs a tool, and shows what it says only when it finds something. */
function run(name, [script, ...args]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(BIN, script), ...args], { encoding: 'utf8' })
  console.log(`${name}: ${status === 0 ? 'nothing found' : 'found something'}`)
  if (status === 0) return
  fail(`${stdout}${stderr}`)
}

function fail(message) {
  console.error(message)
  process.exitCode = 1
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`
}
