/** In a real browser the page shows how its link is, outlives its server, and yields to another tab of the same visitor. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'
import { Program } from './program.ts'

const open = usePages()

async function start(port = '0'): Promise<{ app: Program; url: string }> {
  const app = new Program(['browser-app'], { PORT: port })
  return { app, url: await app.match(/(http:\S+)/) }
}

const status = (page: Page, text: string): Promise<void> => page.locator('#status').getByText(text, { exact: true }).waitFor()
const line = (page: Page, text: string): Promise<void> => page.getByRole('log').getByText(text, { exact: true }).waitFor()

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

/** Notes every status that the page shows. */
async function watch(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const shown: string[] = []
    const output = document.querySelector('#status')!
    new MutationObserver(() => shown.push(output.textContent)).observe(output, { childList: true })
    Object.assign(globalThis, { shown })
  })
  return () => page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown)
}

test('a page sends and receives, and what it says while the server restarts arrives when that is back', async () => {
  const { app, url } = await start()
  const page = await open(url)
  await status(page, 'Connected')
  await say(page, 'hello')
  await line(page, 'the server got: hello')

  const shown = await watch(page)
  expect(await app.end()).toEqual([0, null])
  await status(page, 'Failed')
  await say(page, 'are you there?')
  await start(new URL(url).port)
  await status(page, 'Connected')
  await line(page, 'the server got: are you there?')
  const all = await shown()
  expect(all[0]).toBe('Disconnected')
  expect(new Set(all)).toEqual(new Set(['Disconnected', 'Connecting', 'Failed', 'Connected']))
})

test('a second tab takes the link, the first one says so and does not come back by itself, and may take it again', async () => {
  const { url } = await start()
  const first = await open(url)
  await status(first, 'Connected')
  const second = await first.context().newPage()
  await second.goto(url)
  await Promise.all([status(first, 'replaced'), status(second, 'Connected')])
  const shown = await watch(second)
  await say(second, 'here now')
  await line(second, 'the server got: here now')
  expect(await shown()).toEqual([])

  await first.getByRole('button', { name: 'Use it here' }).click()
  await Promise.all([status(first, 'Connected'), status(second, 'replaced')])
  await say(first, 'back here')
  await line(first, 'the server got: back here')
})
