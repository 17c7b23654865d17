/** Between a page in a real browser and a listener in Node a WebSocket link keeps every promise of a transport. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { type CuttableEnds, farSide, testTransport } from 'qudag-connections/testing'
import { websocket } from 'qudag-connections/transports/websocket'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openToBeKilled, usePages } from '../setup/chromium.ts'
import { useSite } from './site.ts'

const ADDRESS = 'ws://127.0.0.1:0'

/** How many WebSockets a Chromium opens at most is 255. */
const LINKS = 200

declare global {
  /** The page's ear, and its mouth. */
  var hear: (text: string) => void
  var say: (text: string) => Promise<void>
}

const open = usePages()
const site = useSite({
  // The suite takes a turn of the event loop for long enough that a wire takes or brings something. In a page that is too
  // short for the browser's network process to have a turn of its own.
  before: 'globalThis.setImmediate = (f) => void setTimeout(f);',
  program: `
    import { serveSide } from 'qudag-connections/testing'
    import { websocket } from 'qudag-connections/transports/websocket'
    serveSide(websocket(), { post: (text) => void say(text), listen: (hear) => (globalThis.hear = hear) })`,
})
const inNode = useProgram(`
    import { serveSide } from 'qudag-connections/testing'
    import { websocket } from 'qudag-connections/transports/websocket'
    serveSide(websocket(), { post: (text) => process.send(text), listen: (hear) => process.on('message', hear) })`)

let dialer: Side
beforeAll(async () => {
  let close: (() => Promise<void>) | undefined
  dialer = await sideIn(await open(site(), (end) => (close = end)))
  return close
})

testTransport(
  'websocket from a browser to Node',
  {
    open: () => ({ dialer, listener: websocket(), address: ADDRESS, sockets }),
    crash: (victim) => (victim === 'dialer' ? killedBrowser() : killedProcess()),
    cannot: { dialer: ['pause'] },
    links: LINKS,
  },
  { describe, test },
)

type Side = ReturnType<typeof farSide>

/** How many sockets this process has. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

async function sideIn(page: Page): Promise<Side> {
  let listener: (text: string) => void = () => {}
  await page.exposeFunction('say', (text: string) => listener(text))
  return farSide({
    // A page whose browser was killed hears nothing more, and need not.
    post: (text) => void page.evaluate((said) => hear(said), text).catch(() => {}),
    listen: (told) => void (listener = told),
  })
}

async function killedBrowser(): Promise<CuttableEnds> {
  const { page, kill } = await openToBeKilled(site())
  return { dialer: await sideIn(page), listener: websocket(), address: ADDRESS, cut: kill, close: kill }
}

async function killedProcess(): Promise<CuttableEnds> {
  const child = fork(inNode())
  return {
    dialer,
    listener: farSide({
      // A process that was killed hears nothing more, and need not.
      post: (text) => void child.send(text, () => {}),
      listen: (told) => void child.on('message', told),
    }),
    address: ADDRESS,
    cut: () => void child.kill('SIGKILL'),
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    },
  }
}

/** A program for a process of its own, where it finds the packages that it needs. */
function useProgram(contents: string): () => string {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join('node_modules', 'qudag-browser-'))
    const stdin = { contents, resolveDir: import.meta.dirname, loader: 'ts' } as const
    await build({
      stdin,
      outfile: join(folder, 'peer.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['source', 'module'],
      external: ['ws'],
    })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return () => join(folder, 'peer.mjs')
}
