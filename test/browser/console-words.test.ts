/** Nothing on a chart lies over a state, and what the page says of its server is so. */
import type { Page } from 'playwright-core'
import { ConnectionManager } from 'qudag-connections'
import { managerSource, serveConsole, type ConsoleSource } from 'qudag-connections/console'
import { peerOutline } from 'qudag-connections/inspect'
import type { Move, PeerState } from 'qudag-connections/machines'
import { scripted } from 'qudag-connections/testing'
import { Subject } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { useHub } from './churn.ts'
import { usePages } from '../setup/chromium.ts'

const open = usePages()

test.each([false, true])(
  'no label of a line lies over a state, whatever flowed along it; every line named: %s',
  async (isEverythingNamed) => {
    const { source, flow } = everythingFlows()
    const served = await serveConsole(source)
    onTestFinished(() => served.close())
    const page = await open(served.url)
    await page.setViewportSize({ width: 1440, height: 1000 })
    await linkIs(page, 'Live')
    if (isEverythingNamed) await page.locator('.switch input').check()
    flow()
    await expect.poll(() => page.locator('[data-testid="chart-peer"] .flow', { hasText: '×' }).count()).toBeGreaterThan(10)

    for (const chart of ['chart-peer', 'chart-supervisor']) {
      expect([chart, await page.getByTestId(chart).evaluate(labelsOverStates)]).toEqual([chart, []])
    }
  },
)

test('in the panel of one peer no label lies over a state either', async () => {
  const hub = useHub()
  await hub.serve('amber')
  await hub.manager.connect('amber')
  const served = await serveConsole(hub.manager)
  onTestFinished(() => served.close())
  const page = await open(served.url)
  await linkIs(page, 'Live')
  await page.evaluate(() => (location.hash = '#/peer/amber'))
  const chart = page.locator('.lit-chart [data-testid="chart-peer"]')
  await chart.locator('.way').first().waitFor()

  expect(await chart.evaluate(labelsOverStates)).toEqual([])
})

test('after the manager and then its console have stopped the page says that the manager has, and tries no more', async () => {
  const hub = useHub()
  await hub.serve('amber')
  await hub.manager.connect('amber')
  const served = await serveConsole(hub.manager)
  const page = await open(served.url)
  await linkIs(page, 'Live')
  let sockets = 0
  page.on('websocket', () => sockets++)

  await hub.manager.shutdown()
  await served.close()

  await page.getByRole('button', { name: 'Look again' }).waitFor()
  await page.getByTestId('notice').getByText('The manager has stopped.').waitFor()
  await linkIs(page, 'Over')
  expect(sockets).toBe(0)
  await page.evaluate(() => (location.hash = '#/peer/amber'))
  await page.getByTestId('peer-unanswered').getByText('The manager has stopped').waitFor()
})

test('a peer that is opened when the server is gone is shown as it was known, and not asked for without end', async () => {
  const hub = useHub()
  await hub.serve('amber')
  await hub.manager.connect('amber')
  const served = await serveConsole(hub.manager)
  const page = await open(served.url)
  await linkIs(page, 'Live')
  await expect.poll(() => page.getByTestId('count-Connected').textContent()).toBe('1')

  await served.close()
  await linkIs(page, 'Lost')
  await page.evaluate(() => (location.hash = '#/peer/amber'))

  await page.getByTestId('peer-unanswered').getByText('The connection to the server is lost').waitFor()
  await page.getByTestId('peer-last-known').getByText('Connected').waitFor()
  expect(await page.getByTestId('peer').getByText('Asking the server').count()).toBe(0)
})

test('a page whose server has vanished waits longer each time, and says how often it has tried', async () => {
  const hub = useHub()
  const served = await serveConsole(hub.manager)
  const page = await open(served.url)
  await linkIs(page, 'Live')

  await served.close()
  await linkIs(page, 'Lost')
  const notice = page.getByTestId('notice')
  const tries = async (): Promise<number> => {
    const [, words] = /Tried (once|\d+ times) since/.exec((await notice.textContent()) ?? '') ?? []
    return words === undefined ? 0 : words === 'once' ? 1 : Number.parseInt(words)
  }
  // It also tries by itself meanwhile, and says so too.
  for (let before = await tries(); before < 4; before = await tries()) {
    await page.getByRole('button', { name: 'Try now' }).click()
    await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(before)
  }

  await page
    .getByTestId('notice')
    .getByText(/Trying again in ([5-9]|\d\d) s/)
    .waitFor()
})

/** Runs in the page. The labels that are seen, and the states that they lie over; of an outer state what stands in it. */
function labelsOverStates(chart: Element): string[] {
  const box = (element: Element): DOMRect => element.getBoundingClientRect()
  const isSeen = (element: Element): boolean => element.getClientRects().length > 0 && box(element).width > 0
  const states = [...chart.querySelectorAll('[data-node]')].flatMap((node) =>
    node.classList.contains('inner')
      ? [...node.querySelectorAll(':scope > .box')]
      : [...node.querySelectorAll(':scope > .name, :scope > .count')],
  )
  const labels = [...chart.querySelectorAll('[data-edge-label] text')].filter(isSeen)
  return labels.flatMap((label) =>
    states
      .filter(isSeen)
      .filter((state) => {
        const [a, b] = [box(label), box(state)]
        return a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5
      })
      .map((state) => `${label.textContent} over ${state.closest('[data-node]')?.getAttribute('data-node')}`),
  )
}

/** A source in which every move that the chart of a peer has is made a thousand times. */
function everythingFlows(): { readonly source: ConsoleSource; readonly flow: () => void } {
  const manager = new ConnectionManager(3, { transport: scripted() })
  onTestFinished(async () => void (await manager.shutdown()))
  const moves$ = new Subject<Move>()
  const source = managerSource(manager)
  const flow = (): void => {
    let seq = 0
    for (const { source: from, target, transitions } of peerOutline.edges) {
      const inner = peerOutline.nodes.find(({ parent }) => parent === from)?.id ?? from
      for (const { reason } of transitions) {
        if (reason === undefined || from.startsWith('(')) continue
        const [fromState, toState] = [inner as PeerState, target.startsWith('(') ? undefined : (target as PeerState)]
        for (let n = 0; n < 1_000; n++) {
          moves$.next({
            seq: ++seq,
            at: Date.now(),
            peerId: 'a',
            from: undefined,
            to: undefined,
            fromState,
            toState,
            reason: reason as Move['reason'],
          })
        }
      }
    }
  }
  return { source: Object.assign(source, { moves$ }), flow }
}

async function linkIs(page: Page, words: string): Promise<void> {
  await page.getByTestId('link').getByText(words, { exact: true }).waitFor()
}
