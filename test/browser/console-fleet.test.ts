/** The page of a manager in a fleet says how its node stands, who else is there, and where a peer lives; without a fleet it says nothing of one. */
import { ConnectionManager } from 'qudag-connections'
import { serveConsole } from 'qudag-connections/console'
import { fleet, type FleetStore, memoryStore } from 'qudag-connections/fleet'
import { scripted } from 'qudag-connections/testing'
import { expect, onTestFinished, test } from 'vitest'
import { cuttable } from '../fleet/fleet-kit.ts'
import { usePages } from '../setup/chromium.ts'

const open = usePages()

/** Long enough that no machine is too slow for it; where it has to end, one that is short. */
const LONG_MS = 600_000
const SHORT_MS = 4_000

function member(name: string, store: FleetStore, leaseMs: number) {
  const node = fleet({ store, limit: 64, name, leaseMs, fleet: 'chat' })
  const transport = scripted({ autoOpen: true, autoClose: 'microtask' })
  const manager = new ConnectionManager(32, { transport, fleet: node, metrics: { sampleMs: 50 }, onError: () => {} })
  onTestFinished(async () => void (await manager.shutdown()))
  return { node, manager }
}

async function pageOf(manager: ConnectionManager) {
  const served = await serveConsole(manager)
  onTestFinished(() => served.close())
  return open(served.url)
}

test('a node, its fleet, and who owns a peer', async () => {
  const store = memoryStore()
  const [ann, ben] = [member('ann', store.client(), LONG_MS), member('ben', store.client(), LONG_MS)]
  await Promise.all([ann.node.joined(), ben.node.joined()])
  await ann.manager.connect('scripted://mine')
  await ben.manager.connect('scripted://theirs')
  await expect(ann.manager.connect('scripted://theirs')).rejects.toMatchObject({ code: 'ERR_OWNED_ELSEWHERE' })
  const page = await pageOf(ann.manager)

  const card = page.getByRole('region', { name: 'Node ann of fleet chat' })
  await card.waitFor()
  expect(await page.getByTestId('fleet-state').textContent()).toBe('joined: its lease is renewed')
  const facts = page.getByTestId('fleet-facts')
  const { permits } = ann.node.explain()
  expect(await facts.textContent()).toContain(`1 held of ${permits.granted} granted here; the fleet has 64`)
  expect(await facts.textContent()).toContain('memory')
  expect(await facts.textContent()).toContain('1 owned, 0 handed over, 0 to be taken over')
  const nodes = page.getByTestId('fleet-nodes').getByRole('listitem')
  expect(await nodes.allTextContents()).toEqual([
    expect.stringMatching(/^ann \(this one\) since \d\d:\d\d/),
    expect.stringMatching(/^ben since \d\d:\d\d/),
  ])

  const owner = page
    .getByTestId('peer-facts')
    .locator('div', { hasText: /^Owner/ })
    .locator('dd')
  await page.evaluate(() => (location.hash = '#/peer/scripted%3A%2F%2Fmine'))
  await owner.getByText(/^this node, fence \d+$/).waitFor()
  await page.evaluate(() => (location.hash = '#/peer/scripted%3A%2F%2Ftheirs'))
  await owner.getByText(/^node ben, fence \d+, as it was found /).waitFor()

  const cleo = member('cleo', store.client(), LONG_MS)
  await cleo.node.joined()
  await nodes.nth(2).waitFor()
  await ben.manager.shutdown()
  await expect.poll(async () => (await nodes.allTextContents()).map((text) => text.split(' ')[0])).toEqual(['ann', 'cleo'])
})

test('a store that is away is said, with why, and so is a lease that is lost', async () => {
  const net = cuttable(memoryStore())
  const { node, manager } = member('ann', net.store, SHORT_MS)
  await node.joined()
  const page = await pageOf(manager)
  await page.getByTestId('fleet').waitFor()
  net.cut = 'reject'

  await page.locator('[data-testid="fleet"][data-state="store away"]').waitFor()
  expect(await page.getByTestId('fleet-facts').textContent()).toContain('memory: unreachable')
  await page.locator('[data-testid="fleet"][data-state="lost"]').waitFor()
  await page.getByTestId('fleet-state').getByText('its lease is over, and everything was closed').waitFor()
  net.cut = 'no'
  await page.locator('[data-testid="fleet"][data-state="joined"]').waitFor()
})

test('without a fleet there is nothing of one', async () => {
  const manager = new ConnectionManager(2, { transport: scripted({ autoOpen: true, autoClose: 'sync' }) })
  onTestFinished(async () => void (await manager.shutdown()))
  await manager.connect('scripted://a')
  const page = await pageOf(manager)
  await page.evaluate(() => (location.hash = '#/peer/scripted%3A%2F%2Fa'))
  await page.getByTestId('peer-facts').waitFor()

  expect(await page.getByTestId('fleet').count()).toBe(0)
  expect(await page.getByTestId('peer-facts').textContent()).not.toContain('Owner')
})
