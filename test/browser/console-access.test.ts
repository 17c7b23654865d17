/** A console is for who has its URL, and for pages that it served itself. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { serveConsole } from 'qudag-connections/console'
import { expect, onTestFinished, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'
import { useHub } from './churn.ts'
import { useSite } from './site.ts'

const TOKEN = 'a-token-for-this-test'

const open = usePages()
const strangers = useSite({
  program: `
    globalThis.reach = (url) => new Promise((resolve) => {
      const socket = new WebSocket(url)
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('refused')
    })`,
})

declare global {
  var reach: (url: string) => Promise<string>
}

test('a page that comes with a wrong token, or with none, is refused in words', async () => {
  const url = await serve()

  for (const wrong of [url.replace(TOKEN, 'another-token-another'), url.replace(/\?.*/, '')]) {
    const page = await open(wrong)
    expect(await page.locator('body').textContent()).toContain('needs the token in its URL')
  }
})

test('a page of a foreign origin gets no socket, although it has the token', async () => {
  const url = await serve()
  const socket = url.replace('http', 'ws').replace('/?', '/socket?')
  const stranger = await open(strangers())
  const own = await open(url)

  expect(await stranger.evaluate((target) => reach(target), socket)).toBe('refused')
  expect(await own.evaluate(opens, socket)).toBe('open')
})

test('a foreign name that leads to this machine is refused, although it has the token', async () => {
  const url = await serve()

  expect(await statusOf(url, 'console.example')).toBe(403)
  expect(await statusOf(url, new URL(url).host)).toBe(200)
})

async function serve(): Promise<string> {
  const served = await serveConsole(useHub().manager, { token: TOKEN })
  onTestFinished(() => served.close())
  return served.url
}

/** Runs in the page. */
function opens(url: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url)
    socket.addEventListener('open', () => resolve('open'))
    socket.addEventListener('error', () => resolve('refused'))
  })
}

async function statusOf(url: string, host: string): Promise<number | undefined> {
  const request = get(url, { headers: { host }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}
