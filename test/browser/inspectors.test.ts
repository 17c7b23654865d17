/** In a real page both inspectors show a manager of that page, each in its own receiver, and the window's viewer commands. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'
import { useSite } from './site.ts'

const open = usePages()
/** One page is the app in its top window, and the viewer in the frame that the app makes. */
const site = useSite({
  // `process.env` is read by XState 4's own build.
  before: 'globalThis.process ??= { env: {} };',
  program: `
    import { createBrowserReceiver } from '@statelyai/inspect'
    import { ConnectionManager } from 'qudag-connections'
    import { statelyInspector } from 'qudag-connections/inspect/stately'
    import { createWindowReceiver, inspectInBrowser } from 'qudag-connections-xstate-inspect/browser'

    const show = { stately: showStately, xstate: showXstate }
    const viewer = location.hash.slice(1)
    if (viewer === 'stately') globalThis.seen = see(createBrowserReceiver())
    else if (viewer === 'xstate') {
      const receiver = createWindowReceiver()
      globalThis.seen = see(receiver)
      globalThis.command = (sessionId: string, event: { type: string }) => receiver.send({
        type: 'xstate.event',
        event: JSON.stringify({ name: event.type, data: event, $$type: 'scxml', type: 'external', origin: sessionId }),
        service: sessionId,
      })
    } else {
      globalThis.manager = new ConnectionManager(300)
      globalThis.show = async (which: 'stately' | 'xstate') => {
        for (let n = 0; n < 250; n++) await manager.updateStatus('ws://' + n, 'Connected')
        const iframe = document.createElement('iframe')
        document.body.append(iframe)
        const loaded = new Promise((resolve) => iframe.addEventListener('load', resolve))
        globalThis.inspection = await show[which](iframe, location.origin + '/#' + which)
        await loaded
      }
    }

    function showStately(iframe: HTMLIFrameElement, url: string) {
      return statelyInspector(manager, { browser: { iframe, url } })
    }
    function showXstate(iframe: HTMLIFrameElement, url: string) {
      return inspectInBrowser(manager, { iframe, url })
    }
    function see(receiver: { subscribe(listener: (message: unknown) => void): unknown }) {
      const messages: unknown[] = []
      receiver.subscribe((message) => void messages.push(message))
      return messages
    }`,
})

interface Seen {
  readonly type: string
  readonly name?: string
  readonly sessionId: string
  readonly machine?: { readonly id: string }
  readonly state?: { readonly value: unknown }
  readonly snapshot?: { readonly value?: unknown; readonly status?: string }
}

declare global {
  var seen: Seen[]
  var command: (sessionId: string, event: object) => void
  var manager: {
    updateStatus(peerId: string, status: string): Promise<void>
    disconnect(peerId: string): Promise<void>
    status(peerId: string): unknown
    supervisor: { sessionId: string }
  }
  var show: (which: 'stately' | 'xstate') => Promise<void>
  var inspection: { readonly shown: number; stop(): void }
}

test('@statelyai/inspect: a frame that loads after the actors were made sees them, what happens to them, and their ends', async () => {
  const page = await open(site())
  await page.evaluate(() => show('stately'))
  const viewer = viewerIn(page)
  await viewer.waitForFunction(
    () => new Set(seen.filter(({ type }) => type === '@xstate.actor').map(({ sessionId }) => sessionId)).size === 201,
  )

  await page.evaluate(() => manager.updateStatus('ws://7', 'Failed'))
  await page.evaluate(() => manager.disconnect('ws://8'))
  await viewer.waitForFunction(() => seen.some(({ snapshot }) => snapshot?.status === 'stopped'))

  const actors = await viewer.evaluate(() => seen.filter(({ type }) => type === '@xstate.actor').map(({ name }) => name))
  expect(actors).toEqual(expect.arrayContaining(['supervisor', 'ws://0', 'ws://199']))
  expect(actors).not.toContain('ws://249')
  expect(await viewer.evaluate(() => seen.some(({ type, snapshot }) => type === '@xstate.snapshot' && snapshot?.value === 'Failed'))).toBe(
    true,
  )
  expect(await page.evaluate(() => inspection.shown)).toBe(199)
})

test('@xstate/inspect: its window receiver sees machines, states and stops, and its commands reach our actor', async () => {
  const page = await open(site())
  await page.evaluate(() => show('xstate'))
  const viewer = viewerIn(page)
  await viewer.waitForFunction(() => seen.filter(({ type }) => type === 'service.register').length >= 201)
  const registered = await viewer.evaluate(() => seen.map(({ machine, state }) => [machine?.id, state?.value]))
  expect(registered.slice(0, 2)).toEqual([
    ['supervisor', 'Accepting'],
    ['peer', 'Connected'],
  ])

  await page.evaluate(() => manager.updateStatus('ws://7', 'Failed'))
  await viewer.waitForFunction(() => seen.some(({ type, state }) => type === 'service.state' && state?.value === 'Failed'))

  const supervisor = await page.evaluate(() => manager.supervisor.sessionId)
  await viewer.evaluate((sessionId) => command(sessionId, { type: 'peer.disconnect', peerId: 'ws://8' }), supervisor)
  await viewer.waitForFunction(() => seen.some(({ type }) => type === 'service.stop'))
  expect(await page.evaluate(() => manager.status('ws://8'))).toBeUndefined()

  await page.evaluate(() => inspection.stop())
  await viewer.waitForFunction(() => seen.filter(({ type }) => type === 'service.stop').length === 201)
})

/** The frame, where the viewer runs. */
function viewerIn(page: Page): ReturnType<Page['frames']>[number] {
  return page.frames().find((frame) => frame !== page.mainFrame())!
}
