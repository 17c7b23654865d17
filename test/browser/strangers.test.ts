/** A page that is no peer of this protocol, or breaks it, is told why and harms nobody else. */
import type { Page } from 'playwright-core'
import { ConnectionManager } from 'qudag-connections'
import { websocket, type WebSocketOptions } from 'qudag-connections/transports/websocket'
import { filter, firstValueFrom } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { usePages } from '../setup/chromium.ts'
import { useSite } from './site.ts'

const SUBPROTOCOL = 'qudag-connections.v2'

const open = usePages()
/** Its page knows nothing of this package, but for what a test asks of `dial`. */
const site = useSite({
  program: `
    import { ConnectionManager } from 'qudag-connections'
    globalThis.dial = async (address) => void (await new ConnectionManager(1).connect(address))`,
})
const otherSite = useSite({ program: '' })

declare global {
  var dial: (address: string) => Promise<unknown>
}

/** A manager that listens, and a friend of it that must not be harmed. */
async function hub(options: WebSocketOptions = {}) {
  const manager = new ConnectionManager(10, { transport: websocket(options) })
  const friend = new ConnectionManager(1)
  onTestFinished(async () => void (await Promise.all([friend.shutdown(), manager.shutdown()])))
  manager.messages$.subscribe(({ peerId, data }) => manager.get(peerId)?.send(data))
  const { address } = await manager.listen('ws://127.0.0.1:0')
  const connection = await friend.connect(address.href)
  const seen: string[] = []
  manager.transitions$.subscribe(({ to }) => seen.push(to ?? 'unknown'))
  return {
    manager,
    address: address.href,
    /** What the manager has told of others, after the friend has talked to it once more. */
    async seen(): Promise<readonly string[]> {
      const answered = firstValueFrom(connection.messages$)
      connection.send(Uint8Array.of(7))
      expect(await answered).toEqual(Uint8Array.of(7))
      expect(manager.metrics.connections).toBe(1)
      return seen
    },
  }
}

/** Opens a bare WebSocket in the page, sends something when it is open, and waits for its end. */
function knock(page: Page, address: string, protocols: readonly string[], send: { text?: string; bytes?: number } = {}) {
  return page.evaluate(
    ([url, names, { text, bytes }]) =>
      new Promise<{ opened: boolean; code: number; reason: string }>((resolve) => {
        const socket = new WebSocket(url, [...names])
        let opened = false
        socket.addEventListener('open', () => {
          opened = true
          if (text !== undefined) socket.send(text)
          if (bytes !== undefined) socket.send(new Uint8Array(bytes))
        })
        socket.addEventListener('close', ({ code, reason }) => resolve({ opened, code, reason }))
      }),
    [address, protocols, send] as const,
  )
}

test.each([
  ['no sub-protocol', []],
  ['a sub-protocol of others', ['chat', 'graphql-ws']],
  ['a version that does not exist', ['qudag-connections.v3']],
])('a WebSocket with %s does not open, and the console says that it was refused', async (_what, protocols) => {
  const { address, manager, seen } = await hub()
  const page = await open(site())
  const said = page.waitForEvent('console')
  expect(await knock(page, address, protocols)).toEqual({ opened: false, code: 1006, reason: '' })
  expect((await said).text()).toMatch(/Unexpected response code: 400/)
  expect(await seen()).toEqual([])
  expect(manager.metrics.inbound).toEqual({ accepted: 1, rejected: 0 })
})

test('who opens the address in a tab reads what it is for', async () => {
  const { address, seen } = await hub()
  const page = await open(address.replace('ws:', 'http:'))
  expect(await page.textContent('body')).toContain(`peers connect here by WebSocket, with the sub-protocol ${SUBPROTOCOL}`)
  expect(await seen()).toEqual([])
})

test('a page of a site that is not allowed is refused, one that is comes in', async () => {
  const { address, seen } = await hub({ authorize: ({ headers: { origin } }) => origin === undefined || origin === new URL(site()).origin })
  const elsewhere = await open(otherSite())
  const said = elsewhere.waitForEvent('console', (message) => message.text().includes('WebSocket connection'))
  expect(await knock(elsewhere, address, [SUBPROTOCOL])).toMatchObject({ opened: false })
  expect((await said).text()).toMatch(/HTTP Authentication failed|Unexpected response code: 401/)
  expect(await seen()).toEqual([])

  const page = await open(site())
  expect(await knock(page, address, [SUBPROTOCOL], { text: 'goodbye' })).toMatchObject({ opened: true, code: 1000 })
})

test.each([
  ['sends words of its own', { text: 'hello?' }, 1002, /messages are binary/, 'EPROTO'],
  ['sends more than the largest message', { bytes: 2000 }, 1009, /^/, 'ERR_FRAME_TOO_LARGE'],
])('a peer that %s is closed, fails with the reason, and its slot is free', async (_what, send, code, words, failure) => {
  const { address, manager, seen } = await hub({ maxFrameBytes: 1000 })
  const page = await open(site())
  const failed = firstValueFrom(manager.transitions$.pipe(filter(({ to }) => to === 'Failed')))
  const told = await knock(page, address, [SUBPROTOCOL], send)
  expect(told).toEqual({ opened: true, code, reason: expect.stringMatching(words) })
  expect((await failed).failure).toMatchObject({ code: failure })
  expect(await seen()).toEqual(['Connected', 'Failed', 'unknown'])
})

test('a page that dials a server of another protocol is told so', async () => {
  const foreign = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false })
  onTestFinished(() => foreign.close())
  const page = await open(site())
  const { port } = foreign.address() as { port: number }
  const error = await page.evaluate((url) => dial(url).catch(String), `ws://127.0.0.1:${port}/`)
  expect(error).toMatch(/could not open a WebSocket to ws:\/\/127.0.0.1.*qudag-connections.v2/)
})
