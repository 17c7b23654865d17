import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Stop } from '../../src/cli/stop.ts'

let stop: Stop
const exit = vi.fn<(code?: number | string | null) => never>()
const gone = new AbortController()

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], now: 1_000 })
  vi.spyOn(process, 'exit').mockImplementation(exit.mockReset())
  vi.advanceTimersByTime(1_000)
  stop = new Stop(gone.signal)
})
afterEach(() => {
  stop.dispose()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('the word to stop', () => {
  test('is a signal; a second one, meant as such, ends at once', async () => {
    process.emit('SIGINT', 'SIGINT')
    await stop.told
    // From npm, which passes on what the terminal has sent to both.
    vi.advanceTimersByTime(20)
    process.emit('SIGINT', 'SIGINT')
    expect(exit).not.toHaveBeenCalled()

    vi.advanceTimersByTime(600)
    process.emit('SIGINT', 'SIGINT')
    expect(exit).toHaveBeenCalledWith(130)
  })

  test('is that the time is over', async () => {
    stop.after(3)
    vi.advanceTimersByTime(2_999)
    expect(stop.signal.aborted).toBe(false)

    vi.advanceTimersByTime(1)
    await stop.told
  })

  test('is that nobody reads any more', async () => {
    gone.abort()
    await stop.told
  })

  test('leaves no listener behind', () => {
    const before = process.listenerCount('SIGTERM')
    const other = new Stop()
    expect(process.listenerCount('SIGTERM')).toBe(before + 1)

    other.dispose()

    expect(process.listenerCount('SIGTERM')).toBe(before)
  })
})
