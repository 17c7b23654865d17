/** The pictures of the console on the pages: `npm run screenshots` takes them of the demo, in a real Chromium. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { ensureChromium } from '../setup/chromium.mjs'

/** The demo has had its limit reached, a peer killed and a breaker open by then. */
const STORY_MS = 14_000
const FOLDER = 'src/console/page/screenshots'
const SIZE = { width: 1280, height: 820 }

const demo = spawn(process.execPath, ['dist/src/cli/main.js', 'demo', '--seconds', '60'], { stdio: ['ignore', 'pipe', 'inherit'] })
const [first] = await once(createInterface(demo.stdout), 'line')
const url = first.replace(/^console: /, '')
const browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox', '--disable-gpu'] })
try {
  const page = await browser.newPage({ viewport: SIZE })
  await page.goto(url)
  await page.waitForTimeout(STORY_MS)
  await page.screenshot({ path: `${FOLDER}/overview.png` })
  const peer = process.argv[2] ?? 'birch-1'
  await page.evaluate((id) => (location.hash = `#/peer/${id}`), peer)
  await page.getByTestId('peer').waitFor()
  await page.waitForTimeout(2_000)
  await page.screenshot({ path: `${FOLDER}/peer.png` })
} finally {
  await browser.close()
  demo.kill('SIGINT')
  await once(demo, 'close')
}
