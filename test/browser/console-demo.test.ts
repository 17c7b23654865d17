/** The demo's URL leads to a page on which its hub moves. */
import { expect, onTestFinished, test } from 'vitest'
import { RunningCommand } from '../cli/command.ts'
import { usePages } from '../setup/chromium.ts'

const open = usePages()

test('the demo runs, and its hub moves on the page that it names', async () => {
  const demo = new RunningCommand('demo', '--seconds', '120', '--console', '0')
  onTestFinished(async () => {
    demo.child.kill('SIGINT')
    await demo.ended
  })
  const line = await demo.line(/console: http/)
  const page = await open(line.slice(line.indexOf('http')))
  const seq = async (): Promise<number> => Number(await page.getByTestId('counts').getAttribute('data-seq'))
  const reasons = page.getByTestId('log').locator('.reason')

  await expect.poll(() => page.getByTestId('count-Connected').textContent(), { timeout: 30_000 }).not.toBe('0')
  const before = await seq()
  await expect.poll(seq, { timeout: 30_000 }).toBeGreaterThan(before + 20)
  await expect.poll(() => reasons.allTextContents(), { timeout: 30_000 }).toContain('opened')

  expect(await page.locator('svg.chart .flow').evaluateAll(cutOff)).toEqual([])
  expect(await page.getByTestId('chart-peer').locator('.edge.lit, .edge[data-weight]').count()).toBeGreaterThan(0)
})

/** Runs in the page: what is written on the charts and not wholly in them. */
function cutOff(labels: readonly Element[]): string[] {
  const isOut = (label: Element): boolean => {
    const chart = label.closest('svg')!.getBoundingClientRect()
    const { left, right } = label.getBoundingClientRect()
    return right > left && (left < chart.left || right > chart.right)
  }
  return labels.filter(isOut).map(({ textContent }) => textContent)
}
