/**
 * A browser test has a Chromium, or says what is missing; it is never skipped.
 *
 * `node test/setup/chromium.mjs` finds or installs it and prints where it is. `CHROMIUM_PATH` names one and wins.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** By preference: without a window to draw around each page, a page costs a quarter. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']

/** Where it may be although the PATH does not lead there. */
const PLACES = [
  ...['/usr/bin', '/usr/local/bin', '/snap/bin'].flatMap((folder) => NAMES.map((name) => `${folder}/${name}`)),
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** How long an install may take: the browser and its libraries are some 130 MB. */
const INSTALL_SECONDS = 540

/** How long {@link ensureChromium} may take, in milliseconds; it may wait for another that installs. */
export const ENSURE_MS = (2 * INSTALL_SECONDS + 60) * 1000

const ADVICE = 'install Chromium or Chrome, or set CHROMIUM_PATH to the one that you have (Debian, Ubuntu: apt-get install chromium)'

/**
 * Where Chromium is.
 *
 * @returns {string | undefined} undefined: nowhere
 * @throws {Error} when `CHROMIUM_PATH` names what cannot be run: another would not be the one that was asked for
 */
function findChromium() {
  const { CHROMIUM_PATH = '', PATH = '' } = process.env
  if (CHROMIUM_PATH !== '') {
    if (canRun(CHROMIUM_PATH)) return CHROMIUM_PATH
    throw new Error(`CHROMIUM_PATH is ${CHROMIUM_PATH}, which cannot be run: correct it, or unset it and one will be looked for`)
  }
  const onPath = PATH.split(delimiter).flatMap((folder) => (folder === '' ? [] : NAMES.map((name) => join(folder, name))))
  return [...onPath, ...PLACES].find(canRun)
}

/**
 * Where Chromium is, after it was installed if need be: as root on a system with apt; whoever else asks meanwhile waits
 * for the same install.
 *
 * @returns {Promise<string>}
 * @throws {Error} that says what to install
 */
export async function ensureChromium() {
  const found = findChromium()
  if (found !== undefined) return found
  const isRoot = process.getuid?.() === 0
  if (!isRoot || !['/usr/bin/apt-get', '/usr/bin/flock'].every(canRun)) {
    const why = isRoot ? 'there is no apt here to install it with' : 'only root could install it'
    throw new Error(`browser tests need Chromium, which was not found, and ${why}: ${ADVICE}`)
  }
  console.error('Chromium was not found; installing it with apt')
  const code = await install()
  const installed = findChromium()
  if (installed === undefined)
    throw new Error(`browser tests need Chromium, and apt could not install it (it ended with ${code}): ${ADVICE}`)
  return installed
}

/** @returns {Promise<number | string>} how it ended */
function install() {
  // `flock` lets go when its holder dies, however that happens; who waited for it looks again before it installs.
  const script = `
    for name in ${NAMES.join(' ')}; do command -v "$name" > /dev/null && exit 0; done
    apt-get update
    for name in chromium-headless-shell chromium; do
      apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$name" && exit 0
    done
    exit 1`
  const bounded = ['timeout', '--kill-after=10', String(INSTALL_SECONDS), 'sh', '-c', script]
  const lock = ['--timeout', String(INSTALL_SECONDS), join(tmpdir(), 'qudag-connections-chromium.lock')]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return new Promise((resolve) => {
    // stdout is for the answer: what apt says goes to stderr.
    const child = spawn('flock', [...lock, ...bounded], { env, stdio: ['ignore', 2, 2] })
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'))
  })
}

/** @param {string} path */
function canRun(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(await ensureChromium())
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
