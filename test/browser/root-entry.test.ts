/** The built package is a connection manager in a real browser, as it comes. */
import type { Page } from 'playwright-core'
import * as node from 'qudag-connections'
import type * as rxjs from 'rxjs'
import { filter, firstValueFrom, map } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'
import { useSite } from './site.ts'

declare global {
  /** The package, as the page got it. */
  var qudag: typeof node
  var rx: Pick<typeof rxjs, 'filter' | 'firstValueFrom'>
  /** What a test keeps in its page. */
  var kept: { readonly manager: node.ConnectionManager; readonly gone: Promise<node.Transition> }
}

const open = usePages()
const site = useSite({
  built: true,
  program: `
    import * as qudag from 'qudag-connections'
    import { filter, firstValueFrom } from 'rxjs'
    Object.assign(globalThis, { qudag, rx: { filter, firstValueFrom } })`,
})

/** A manager in Node that sends back whatever it gets, and where pages reach it. */
async function echo(): Promise<{ manager: node.ConnectionManager; address: string }> {
  const manager = new node.ConnectionManager(100)
  onTestFinished(async () => void (await manager.shutdown()))
  manager.connections$.subscribe((connection) => void connection.messages$.subscribe((data) => connection.send(data)))
  const { address } = await manager.listen('ws://127.0.0.1:0')
  return { manager, address: address.href }
}

test('a page talks to a manager in Node with what the package brings along', async () => {
  const { manager, address } = await echo()
  const page = await open(site())
  const told = await page.evaluate(async (peerId) => {
    const mine = new qudag.ConnectionManager(100)
    const steps: string[] = []
    mine.transitions$.subscribe(({ to, reason }) => steps.push(`${to} ${reason}`))
    const connection = await mine.connect(peerId)
    connection.send(new TextEncoder().encode('from a page'))
    let answer = ''
    for await (const message of connection) {
      answer = new TextDecoder().decode(message)
      break
    }
    await connection.release()
    const again = await mine.connect(peerId)
    await again.release()
    const { dials, pool } = await mine.getMetrics()
    const report = await mine.shutdown()
    return { answer, steps, dials: dials.succeeded, hits: pool.hits, report, direction: connection.direction, at: connection.remoteAddress }
  }, address)

  expect(told).toEqual({
    answer: 'from a page',
    steps: [
      'Connecting connect',
      'Connected opened',
      'Disconnected disconnect',
      'Connected reused',
      'Disconnected disconnect',
      'undefined forgotten',
    ],
    dials: 1,
    hits: 1,
    report: { closed: 1, forced: 0 },
    direction: 'outbound',
    at: address,
  })
  expect(manager.metrics.inbound).toEqual({ accepted: 1, rejected: 0 })
})

test('metrics$ runs in a page: traffic, round trips by pings of our own, memory', async () => {
  const { address } = await echo()
  const page = await open(site())
  const metrics = await page.evaluate(async (peerId) => {
    const mine = new qudag.ConnectionManager(100, { metrics: { sampleMs: 20, latencyMs: 20 } })
    const connection = await mine.connect(peerId)
    connection.messages$.subscribe((data) => connection.send(data))
    connection.send(new Uint8Array(1000))
    const seen = await rx.firstValueFrom(
      mine.metrics$.pipe(rx.filter(({ bytesPerSecond, avgLatency }) => bytesPerSecond.in > 1000 && avgLatency !== null)),
    )
    const latencyOfConnection = connection.latency
    await mine.shutdown()
    return { ...seen, latencyOfConnection }
  }, address)

  expect(metrics).toMatchObject({ connections: 1, limit: 100, byStatus: { Connected: 1 }, dials: { started: 1, succeeded: 1, failed: 0 } })
  expect(metrics.messagesPerSecond).toBeGreaterThan(1)
  expect(metrics.avgLatency).toBeGreaterThan(0)
  expect(metrics.latencyOfConnection).toBeGreaterThan(0)
  expect(metrics.memoryUsage).toBeGreaterThan(0)
})

test('what a page disposes of is over', async () => {
  const { address } = await echo()
  const page = await open(site())
  const told = await page.evaluate(async (peerId) => {
    const mine = new qudag.ConnectionManager(100)
    const connection = await mine.connect(peerId)
    await connection[Symbol.asyncDispose]()
    const pooled = mine.status(peerId)
    await mine[Symbol.asyncDispose]()
    const error = await mine.connect(peerId).catch((reason: unknown) => reason)
    return { pooled, left: [...mine.peers()].length, code: qudag.ConnectionError.is(error) ? error.code : String(error) }
  }, address)

  expect(told).toEqual({ pooled: 'Disconnected', left: 0, code: 'ERR_STOPPED' })
})

test('what a page cannot do is one clear error', async () => {
  const { manager, address } = await echo()
  await manager.shutdown()
  const page = await open(site())
  const told = await page.evaluate(async (gone) => {
    const mine = new qudag.ConnectionManager(100)
    const tries = {
      tcp: () => mine.connect('tcp://127.0.0.1:7000'),
      listen: () => mine.listen('ws://127.0.0.1:0'),
      gone: () => mine.connect(gone),
    }
    const codes: Record<string, string> = {}
    for (const [name, f] of Object.entries(tries)) {
      await f().catch((error: unknown) => (codes[name] = qudag.ConnectionError.is(error) ? error.code : String(error)))
    }
    const { failure } = [...mine.peers()].find(({ peerId }) => peerId === gone) ?? {}
    await mine.shutdown()
    return { codes, words: failure?.message }
  }, address)

  expect(told.codes).toEqual({ tcp: 'ERR_NO_TRANSPORT', listen: 'ERR_NO_TRANSPORT', gone: 'ERR_DIAL_FAILED' })
  expect(told.words).toContain(address)
})

test('a page sees its peer go, and come back at the same place', async () => {
  const { manager, address } = await echo()
  const page = await open(site())
  await page.evaluate(async (peerId) => {
    const mine = new qudag.ConnectionManager(100)
    const gone = rx.firstValueFrom(mine.transitions$.pipe(rx.filter(({ from }) => from === 'Connected')))
    globalThis.kept = { manager: mine, gone }
    await mine.connect(peerId)
  }, address)
  await manager.shutdown()
  expect(await page.evaluate(() => kept.gone)).toMatchObject({ to: 'Disconnected', reason: 'remote-closed' })

  const again = new node.ConnectionManager(100)
  onTestFinished(async () => void (await again.shutdown()))
  await again.listen(address)
  expect(await page.evaluate(async (peerId) => (await kept.manager.connect(peerId)).direction, address)).toBe('outbound')
})

test('a page that comes online again reconnects at once what it keeps', async () => {
  const { manager, address } = await echo()
  const page = await open(site())
  await page.evaluate(async (peerId) => {
    // A pause that no test waits for: an hour, or close to it.
    const mine = new qudag.ConnectionManager(100, { reconnect: { baseMs: 3_600_000, maxMs: 3_600_000 }, random: () => 0.9 })
    const gone = rx.firstValueFrom(mine.transitions$.pipe(rx.filter(({ from }) => from === 'Connected')))
    globalThis.kept = { manager: mine, gone }
    await mine.connect(peerId, { keep: true })
  }, address)
  await manager.shutdown()
  await page.evaluate(() => kept.gone)
  const again = new node.ConnectionManager(100)
  onTestFinished(async () => void (await again.shutdown()))
  await again.listen(address)
  const back = firstValueFrom(again.transitions$.pipe(filter(({ to }) => to === 'Connected')))
  expect(await page.evaluate((peerId) => kept.manager.explain(peerId)?.waiting?.for, address)).toBe('backoff')

  await page.context().setOffline(true)
  await page.context().setOffline(false)
  expect(await back).toMatchObject({ reason: 'inbound' })
})

// A browser says the same for all of them: its network process goes on when a page or the page's process ends.
test.each<[string, (page: Page) => Promise<unknown>]>([
  ['is closed', (page) => page.close()],
  ['is loaded again', (page) => page.reload()],
  ['crashes', crash],
])('a page that %s is a peer that has closed, and its slot is free', async (_how, leave) => {
  const { manager, address } = await echo()
  const page = await open(site())
  await page.evaluate(async (peerId) => void (await new qudag.ConnectionManager(100).connect(peerId)), address)
  expect(manager.metrics.connections).toBe(1)
  const gone = firstValueFrom(
    manager.transitions$.pipe(
      filter(({ from }) => from === 'Connected'),
      map(({ to, reason }) => [to, reason, manager.metrics.connections]),
    ),
  )
  await leave(page)
  expect(await gone).toEqual(['Disconnected', 'remote-closed', 0])
})

/** Ends the process of a page: what is left is a sad face. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash')
  const devtools = await page.context().newCDPSession(page)
  // It does not answer any more.
  devtools.send('Page.crash').catch(() => {})
  await crashed
}
