/** A server program for the tests: found on the PATH, or unpacked from Debian's package into a cache; a test that lacks it fails and says how to get it. */
import { spawn } from 'node:child_process'
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'

const CACHE = join(process.cwd(), 'node_modules/.cache/qudag')

/** How long {@link debianBinary} may take, in milliseconds: with a slow mirror, it downloads some 10 to 40 MB. */
export const DEBIAN_MS = 300_000

const finding = new Map<string, Promise<string>>()

/**
 * A program that can be run: the one on the PATH, or else that of Debian's package, unpacked under `node_modules/.cache` with what it
 * needs and the system lacks. Nothing is installed and no service is started, unless unpacking fails and we are root.
 *
 * @param packageName `redis-server`
 * @param pathOfBinary where the package has it, `/usr/bin/redis-server`
 * @throws {Error} that says what to install
 */
export function debianBinary(packageName: string, pathOfBinary: string): Promise<string> {
  let found = finding.get(pathOfBinary)
  if (found === undefined) finding.set(pathOfBinary, (found = find(packageName, pathOfBinary)))
  return found
}

async function find(packageName: string, pathOfBinary: string): Promise<string> {
  const name = basename(pathOfBinary)
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/bin', '/usr/bin', '/usr/sbin'].filter((path) => path !== '')
  const wrapper = join(CACHE, packageName, 'run', name)
  const places = [...folders.map((folder) => join(folder, name)), wrapper]
  const there = places.find(canRun)
  if (there !== undefined) return there
  const unpacked = await unpack(packageName, pathOfBinary).catch((error: Error) => error)
  if (canRun(wrapper)) return wrapper
  if (process.getuid?.() === 0 && canRun('/usr/bin/apt-get')) {
    await run('apt-get', ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', packageName]).catch(() => {})
  }
  const installed = places.find(canRun)
  if (installed !== undefined) return installed
  const why = unpacked instanceof Error ? ` (${unpacked.message})` : ''
  throw new Error(`this test needs ${name}, which is not on the PATH and could not be had from Debian's ${packageName}${why}: install it`)
}

/** Unpacks the package, and of what it depends on whatever is not installed. Others may do the same at the same time. */
async function unpack(packageName: string, pathOfBinary: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, `${packageName}-`))
  try {
    const packages = await missing(packageName).catch(async () => {
      await run('apt-get', ['update'])
      return missing(packageName)
    })
    await run('apt-get', ['download', ...packages], folder)
    await run('sh', ['-c', 'for deb in *.deb; do dpkg -x "$deb" . && rm "$deb" || exit 1; done'], folder)
    const home = join(CACHE, packageName)
    mkdirSync(join(folder, 'run'))
    const script = join(folder, 'run', basename(pathOfBinary))
    // Libraries stand under the multiarch folder of whatever machine this is.
    writeFileSync(
      script,
      `#!/bin/sh\nfor lib in "${home}"/usr/lib/*-linux-gnu* "${home}"/lib/*-linux-gnu*; do LD_LIBRARY_PATH="$lib:$LD_LIBRARY_PATH"; done\n` +
        `export LD_LIBRARY_PATH\nexec "${home}${pathOfBinary}" "$@"\n`,
    )
    chmodSync(script, 0o755)
    try {
      renameSync(folder, home)
    } catch (error) {
      // Another was faster, or an unpacking that failed half-way is in the way.
      if (canRun(join(home, 'run', basename(pathOfBinary)))) return
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      rmSync(home, { recursive: true, force: true })
      renameSync(folder, home)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The package and those that it needs, of which the system has none. */
async function missing(packageName: string): Promise<readonly string[]> {
  const plan = await run('apt-get', ['install', '--simulate', '--no-install-recommends', packageName])
  return Array.from(plan.matchAll(/^Inst (\S+)/gm), ([, name]) => name!)
}

/** What a program says. Its end is awaited, for a bounded time. */
function run(program: string, args: readonly string[], cwd = process.cwd()): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: DEBIAN_MS - 20_000 })
    let said = ''
    let complaint = ''
    child.stdout.on('data', (data) => (said += String(data)))
    child.stderr.on('data', (data) => (complaint += String(data)))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(said)
      else reject(new Error(`${program} ${args[0]} ended with ${code}: ${complaint.trim().split('\n').at(-1)}`))
    })
  })
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
