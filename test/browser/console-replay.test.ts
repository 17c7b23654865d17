/** Keeps one thing true: a recording is played, stepped through both ways and sought in from the page, by mouse and by keyboard. */
import type { Page } from 'playwright-core'
import { managerSource, serveConsole, type PageMessage, type ReplayStatus } from 'qudag-connections/console'
import { BehaviorSubject } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'
import { useHub } from './churn.ts'

const LENGTH = 40

const open = usePages()

test('a recording is stepped through both ways by keyboard, and played and paused', async () => {
  const { page, asked } = await openRecording()

  await page.keyboard.press('ArrowRight')
  await positionIs(page, 11)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Pause', exact: true }).first().waitFor()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor()

  await positionIs(page, 11)
  expect(asked).toEqual(['step', 'step', 'back', 'play', 'pause'])
})

test('a recording is sought in and sped up, and at its end there is no step on', async () => {
  const { page, asked } = await openRecording()

  await page.getByTestId('replay-seek').fill(String(LENGTH))
  await positionIs(page, LENGTH)
  await page.getByTestId('replay').getByRole('combobox').selectOption('5')

  await expect.poll(() => asked.at(-1)).toBe('speed')
  expect(await page.getByRole('button', { name: 'A step on' }).isDisabled()).toBe(true)
  expect(await page.getByTestId('link').textContent()).toBe('Replay')
})

/** Opens a console whose source answers as a recording does. */
async function openRecording(): Promise<{ page: Page; asked: string[] }> {
  const status$ = new BehaviorSubject<ReplayStatus>({ file: 'run.jsonl', position: 10, length: LENGTH, playing: false, speed: 1, at: 0 })
  const asked: string[] = []
  const replay = {
    status$,
    control: (request: Extract<PageMessage, { type: 'replay' }>): void => {
      asked.push(request.action)
      status$.next(next(status$.value, request))
    },
  }
  const served = await serveConsole(Object.assign(managerSource(useHub().manager), { replay }))
  onTestFinished(() => served.close())
  const page = await open(served.url)
  await positionIs(page, 10)
  return { page, asked }
}

function next(
  now: ReplayStatus,
  { action, speed = now.speed, position = now.position }: Extract<PageMessage, { type: 'replay' }>,
): ReplayStatus {
  switch (action) {
    case 'play':
    case 'pause':
      return { ...now, playing: action === 'play' }
    case 'step':
      return { ...now, position: now.position + 1 }
    case 'back':
      return { ...now, position: now.position - 1 }
    case 'seek':
      return { ...now, position }
    case 'speed':
      return { ...now, speed }
  }
}

async function positionIs(page: Page, position: number): Promise<void> {
  await page.getByTestId('replay-position').getByText(String(position), { exact: true }).waitFor()
}
