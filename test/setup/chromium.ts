/** A test's pages are in a real Chromium, an error in one fails its test, and nothing of them is left. */
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { ENSURE_MS, ensureChromium } from './chromium.mjs'

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Chromium's sandbox does not run as root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/**
 * Opens a page in a context of its own. It is closed when the test that runs is over, or whenever `atEnd` says; that
 * fails when the page has thrown.
 */
export type OpenPage = (url: string, atEnd?: (close: () => Promise<void>) => void) => Promise<Page>

/**
 * Starts a Chromium for the tests of a file, in a new user-data folder in the system's temporary folder, and ends it
 * with them.
 */
export function usePages(): OpenPage {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await chromium.launch(await launchOptions())
  }, ENSURE_MS)
  afterAll(() => browser?.close())

  return async (url, atEnd = onTestFinished) => {
    const context = await browser!.newContext()
    const page = await context.newPage()
    const thrown: Error[] = []
    page.on('pageerror', (error) => thrown.push(error))
    atEnd(async () => {
      await context.close()
      if (thrown.length > 0) throw new AggregateError(thrown, `the page at ${url} threw: ${thrown.map(({ stack }) => stack).join('\n')}`)
    })
    await page.goto(url)
    return page
  }
}

/** Opens a page in a Chromium of its own, and says how to kill that, with all of its processes and no word to anybody. */
export async function openToBeKilled(url: string): Promise<{ readonly page: Page; readonly kill: () => Promise<void> }> {
  const server = await chromium.launchServer(await launchOptions())
  const browser = await chromium.connect(server.wsEndpoint())
  const page = await browser.newPage()
  await page.goto(url)
  return { page, kill: () => server.kill() }
}

async function launchOptions(): Promise<LaunchOptions> {
  return { executablePath: await ensureChromium(), headless: true, args: FLAGS }
}
