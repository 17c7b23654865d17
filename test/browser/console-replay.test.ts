/** A recorded run is played, stepped through both ways and sought in from the page, by mouse and by keyboard, and what it shows is what was. */
import type { Page } from 'playwright-core'
import { ConnectionManager } from 'qudag-connections'
import { replaySource, serveConsole, type ReplaySource } from 'qudag-connections/console'
import { readRecording, record, type Replay } from 'qudag-connections/inspect/record'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { expect, onTestFinished, test } from 'vitest'
import { useRecordings } from '../inspect/recordings.ts'
import { usePages } from '../setup/chromium.ts'

const open = usePages()
const newFile = useRecordings()

test('a recording is stepped through both ways by keyboard, and at each step the page shows what was then', async () => {
  const { page, twin } = await openRecording()
  const positions: string[] = []
  const step = async (key: 'ArrowRight' | 'ArrowLeft', position: number): Promise<void> => {
    await page.keyboard.press(key)
    await showsAll(page, twin, position)
    positions.push(`${position}: ${await page.getByTestId('count-Connected').textContent()} Connected`)
  }

  await showsAll(page, twin, 0)
  for (let position = 1; position <= twin.length; position++) await step('ArrowRight', position)
  for (let position = twin.length - 1; position >= 0; position--) await step('ArrowLeft', position)

  expect(new Set(positions).size).toBe(twin.length + 1)
  expect(positions.slice(-1)).toEqual(['0: 0 Connected'])
})

test('it plays by itself at its speed and pauses, by keyboard', async () => {
  const { page, twin } = await openRecording()

  await page.getByTestId('replay').getByRole('combobox').selectOption('1')
  await page.locator('body').click({ position: { x: 1, y: 1 } })
  await page.keyboard.press('Space')
  await page.getByTestId('replay').getByRole('button', { name: 'Pause', exact: true }).waitFor()
  await expect.poll(() => positionOf(page), { timeout: 10_000 }).toBeGreaterThan(2)
  await page.keyboard.press('Space')
  await page.getByTestId('replay').getByRole('button', { name: 'Play', exact: true }).waitFor()
  const paused = await positionOf(page)
  expect(paused).toBeLessThan(twin.length)
  await showsAll(page, twin, paused)

  await page.getByTestId('replay').getByRole('combobox').selectOption('50')
  await page.getByTestId('replay').getByRole('button', { name: 'Play', exact: true }).click()
  await showsAll(page, twin, twin.length)
  await page.getByTestId('replay').getByRole('button', { name: 'Play', exact: true }).waitFor()
})

test('it is sought in, one peer is followed through it, and at its end there is no step on', async () => {
  const { page, twin, source } = await openRecording()
  const seek = (position: number): Promise<void> => page.getByTestId('replay-seek').fill(String(position))
  const state = (words: string): Promise<void> => page.getByTestId('peer-state').getByText(words, { exact: true }).waitFor()
  await page.evaluate(() => (location.hash = '#/peer/scripted://amber'))

  await seek(2)
  await state('Connected')
  await seek(twin.length)
  await showsAll(page, twin, twin.length)
  await state('Failed')
  await page.getByTestId('peer-facts').getByText('BATTERY_LOW').first().waitFor()
  expect(await page.getByRole('button', { name: 'A step on' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'A step back' }).click()
  await state('Connected')

  expect(await page.getByTestId('link').textContent()).toBe('Replay')
  expect(await page.getByTestId('command').count()).toBe(0)
  source.close()
  await page.getByTestId('link').getByText('Over', { exact: true }).waitFor()
})

/** Records a manager's run, a second between two things that happen: peers come, go into the pool, come back, and fail. */
async function recorded(): Promise<string> {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(10, { transport, clock, poolTimeoutMs: 60_000 })
  const recording = record(manager, newFile())
  const happenings = [
    () => manager.connect('scripted://amber'),
    () => manager.connect('scripted://birch'),
    () => manager.disconnect('scripted://birch'),
    () => manager.updateStatus('cedar', 'Connected'),
    () => manager.connect('scripted://birch'),
    () => manager.disconnect('cedar'),
    () => manager.updateStatus('scripted://amber', 'Failed', { failure: { code: 'BATTERY_LOW', message: 'it said goodbye' } }),
  ]
  for (const happen of happenings) {
    await happen()
    clock.advance(1_000)
  }
  await recording.close()
  await manager.shutdown()
  return recording.file
}

/** Opens a console on what was recorded; `twin` is the same recording, to compare with. */
async function openRecording(): Promise<{ page: Page; twin: Replay; source: ReplaySource }> {
  const file = await recorded()
  const source = replaySource(await readRecording(file))
  const served = await serveConsole(source)
  onTestFinished(async () => {
    source.close()
    await served.close()
  })
  return { page: await open(served.url), twin: await readRecording(file), source }
}

function positionOf(page: Page): Promise<number> {
  return page.getByTestId('replay').getAttribute('data-position').then(Number)
}

/** The page stands at a position, and counts the peers as they were there. */
async function showsAll(page: Page, twin: Replay, position: number): Promise<void> {
  twin.seek(position)
  const byStatus: Record<string, number> = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0 }
  for (const { status } of twin.peers()) byStatus[status] = (byStatus[status] ?? 0) + 1
  await expect.poll(() => shownOn(page, Object.keys(byStatus)), { timeout: 10_000 }).toEqual({ position, ...byStatus })
}

async function shownOn(page: Page, statuses: readonly string[]): Promise<Record<string, number>> {
  const counts = statuses.map(async (status) => [status, Number(await page.getByTestId(`count-${status}`).textContent())])
  return { position: await positionOf(page), ...Object.fromEntries(await Promise.all(counts)) }
}
