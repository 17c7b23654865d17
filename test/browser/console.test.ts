/** The page shows the manager that its server shows, whatever happens to either of them. */
import type { Page } from 'playwright-core'
import { serveConsole, type Console, type ConsoleOptions } from 'qudag-connections/console'
import { expect, onTestFinished, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'
import { churn, recordMetrics, useHub, type Hub } from './churn.ts'

const open = usePages()

test('the counts on the page are those of getMetrics() at the same move, while it moves', async () => {
  const hub = useHub()
  for (const peerId of ['amber', 'birch', 'cedar', 'dune']) await hub.serve(peerId)
  const bySeq = recordMetrics(hub)
  churn(hub, ['amber', 'birch', 'cedar', 'dune', 'nobody-1', 'nobody-2'])
  const page = await openConsole(hub)

  const seen = new Map<number, Shown>()
  for (let look = 0; look < 400 && seen.size < 25; look++) {
    const shown = await page.getByTestId('counts').evaluate(readCounts)
    seen.set(shown.seq, shown)
  }

  expect(seen.size).toBe(25)
  for (const [seq, shown] of seen) {
    const { byStatus, dialing, pooled, closing } = bySeq.get(seq)!
    expect(shown).toEqual({ seq, byStatus, dialing, pooled, closing })
  }
})

test('a peer is opened by keyboard and followed through a failure and a recovery, and events are sent to it', async () => {
  const hub = useHub()
  const leave = await hub.serve('amber')
  await hub.manager.connect('amber')
  const page = await openConsole(hub, { allowSend: true })

  await page.getByTestId('crowd').focus()
  await page.locator('#crowd-cursor').waitFor()
  await page.keyboard.press('Enter')
  await stateIs(page, 'Connected')
  await leave()
  await stateIs(page, 'Disconnected · closed')
  await send(page, 'peer.connect')
  await stateIs(page, 'Failed')
  await page.getByTestId('peer-facts').getByText('ERR_DIAL_FAILED').first().waitFor()
  await hub.serve('amber')
  await send(page, 'peer.connect')
  await stateIs(page, 'Connected')
  const reasons = await page.getByTestId('peer-moves').locator('.reason').allTextContents()
  await page.keyboard.press('Escape')

  expect(reasons.toReversed()).toEqual(['connect', 'opened', 'remote-closed', 'connect', 'dial-failed', 'connect', 'opened'])
  expect(hub.manager.status('amber')).toBe('Connected')
  expect(await page.getByTestId('peer').count()).toBe(0)
  expect(await page.evaluate(() => location.hash)).toBe('')
})

test('where the crowd had the focus before its first peer was there, Enter opens that peer', async () => {
  const hub = useHub()
  const page = await openConsole(hub)

  await page.getByTestId('no-peers').waitFor()
  await page.getByTestId('crowd').focus()
  await hub.serve('amber')
  await hub.manager.connect('amber')
  await page.locator('#crowd-cursor').waitFor()
  await page.keyboard.press('Enter')

  await stateIs(page, 'Connected')
  expect(await page.evaluate(() => location.hash)).toContain('amber')
})

test('the reason why a command failed is shown, and where none may be sent there is none', async () => {
  const hub = useHub()
  await hub.serve('amber')
  await hub.manager.connect('amber')
  await hub.manager.connect('nobody').catch(() => {})
  const page = await openConsole(hub, { allowSend: true })
  const watched = await openConsole(hub)

  await goTo(page, 'nobody')
  await send(page, 'peer.connect')
  await page.getByTestId('command-answer').getByText('could not be reached').or(page.locator('.said.failure')).waitFor()
  await goTo(watched, 'amber')
  await stateIs(watched, 'Connected')

  expect(await watched.getByTestId('command').count()).toBe(0)
  expect(await watched.getByTestId('peer-valid').locator('code').allTextContents()).toContain('peer.disconnect')
})

test('when the server goes the page says so, and when it is there again the page is what it shows then', async () => {
  const hub = useHub()
  await hub.serve('amber')
  const first = await serve(hub)
  const page = await open(first.url)
  await linkIs(page, 'Live')

  await first.close()
  await linkIs(page, 'Lost')
  await page.getByTestId('notice').getByText('Lost the server.').waitFor()
  await hub.manager.connect('amber')
  await serve(hub, { port: Number(new URL(first.url).port) })
  await linkIs(page, 'Live')

  await expect.poll(() => page.getByTestId('count-Connected').textContent()).toBe('1')
  expect(await page.getByTestId('notice').count()).toBe(0)
})

test('a page whose server has another token by now says what to do', async () => {
  const hub = useHub()
  const first = await serve(hub)
  const page = await open(first.url)
  await linkIs(page, 'Live')

  await first.close()
  await serve(hub, { port: Number(new URL(first.url).port), token: 'another-token-another' })

  await page.getByTestId('notice').getByText('open the URL that it printed').waitFor()
})

test('what was measured before a page came is on it, and a reload loses nothing', async () => {
  const hub = useHub()
  const page = await openConsole(hub)
  const since = (): Promise<string | null> => page.getByTestId('metrics').getAttribute('data-since')
  const first = await since()

  await page.reload()
  await linkIs(page, 'Live')

  expect(first).not.toBeNull()
  expect(await since()).toBe(first)
  await page.getByTestId('plot-status').scrollIntoViewIfNeeded()
  await page.getByTestId('plot-status').locator('canvas').waitFor()
})

test('when nobody is there the page says how to have somebody, and when the manager stops it says so', async () => {
  const hub = useHub()
  const page = await openConsole(hub)

  await page.getByTestId('no-peers').waitFor()
  await hub.manager.shutdown()

  await page.getByTestId('notice').getByText('The manager has stopped.').waitFor()
  await expect.poll(() => page.getByTestId('supervisor-state').textContent()).toBe('Stopped')
})

test('the crowd is filtered, and the log is filtered and paused', async () => {
  const hub = useHub()
  for (const peerId of ['amber', 'birch', 'cedar']) {
    await hub.serve(peerId)
    await hub.manager.connect(peerId)
  }
  await hub.manager.connect('nobody').catch(() => {})
  const page = await openConsole(hub)
  const crowd = page.getByTestId('crowd')
  await expect.poll(() => crowd.getAttribute('data-shown')).toBe('4')

  await page.keyboard.press('/')
  await page.keyboard.type('BIR')
  await expect.poll(() => crowd.getAttribute('data-shown')).toBe('1')
  await page.getByTestId('crowd-filter').fill('')
  await page.getByRole('button', { name: 'Connected', exact: true }).click()
  await expect.poll(() => crowd.getAttribute('data-shown')).toBe('1')
  await page.getByTestId('log-pause').click()
  await hub.manager.disconnect('cedar')
  await page.getByTestId('log-pause').getByText('new').waitFor()
  expect(await page.getByTestId('log').getByText('cedar').count()).toBe(0)
  await page.getByTestId('log-pause').click()
  await page.getByTestId('log-filter').fill('cedar')

  await page.getByTestId('log').getByText('cedar').first().waitFor()
})

test('on a phone nothing is wider than the screen', async () => {
  const hub = useHub()
  await hub.serve('amber')
  await hub.manager.connect('amber')
  const page = await openConsole(hub)
  await page.setViewportSize({ width: 360, height: 740 })
  const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)

  expect(await width()).toBe(360)
  await goTo(page, 'amber')
  await stateIs(page, 'Connected')
  expect(await width()).toBe(360)
})

interface Shown {
  readonly seq: number
  readonly byStatus: Readonly<Record<string, number>>
  readonly dialing: number
  readonly pooled: number
  readonly closing: number
}

/** Runs in the page. The numbers that are seen, and the states behind them by their places. */
function readCounts(element: Element): Shown {
  const big = (status: string): number => Number(element.querySelector(`[data-testid="count-${status}"]`)?.textContent)
  const counts = (element.getAttribute('data-counts') ?? '').split(',').map(Number)
  return {
    seq: Number(element.getAttribute('data-seq')),
    byStatus: { Connecting: big('Connecting'), Connected: big('Connected'), Disconnected: big('Disconnected'), Failed: big('Failed') },
    dialing: counts[0]! + counts[1]! + counts[2]!,
    pooled: counts[5]!,
    closing: counts[6]!,
  }
}

async function serve({ manager }: Hub, options: ConsoleOptions = {}): Promise<Console> {
  const served = await serveConsole(manager, { token: 'a-token-for-this-test', ...options })
  onTestFinished(() => served.close())
  return served
}

async function openConsole(hub: Hub, options?: ConsoleOptions): Promise<Page> {
  const { url } = await serve(hub, options)
  const page = await open(url)
  await linkIs(page, 'Live')
  return page
}

async function goTo(page: Page, peerId: string): Promise<void> {
  await page.evaluate((id) => (location.hash = `#/peer/${id}`), peerId)
}

async function linkIs(page: Page, words: string): Promise<void> {
  await page.getByTestId('link').getByText(words, { exact: true }).waitFor()
}

async function stateIs(page: Page, words: string): Promise<void> {
  await page.getByTestId('peer-state').getByText(words, { exact: true }).waitFor()
}

async function send(page: Page, type: string): Promise<void> {
  await page.locator(`[data-command="${type}"]`).first().click()
}
