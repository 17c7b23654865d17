/** A crowd that changes state while somebody watches: who looks on must not slow down what is looked at. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { ConnectionManager } from 'qudag-connections'
import { serveConsole } from 'qudag-connections/console'
import { scripted } from 'qudag-connections/testing'
import { WebSocketServer } from 'ws'
import { sized, verify } from './workload.mjs'

/** Peers that change between two turns of the event loop. */
const AT_ONCE = 100

export function cases(size) {
  const peers = sized(size, { tiny: 100, smoke: 2_000, normal: 10_000 })
  const passes = sized(size, { tiny: 1, smoke: 2, normal: 4 })
  const none = 'nobody watches'
  const over = (name) => (results) => results[name].median / results[none].median
  const watchers = [
    { name: 'a console, with one page open', run: () => crowd(peers, passes, console), bar: { atMost: 1.5 } },
    { name: 'the same, looking at one peer through XState', run: () => crowd(peers, passes, looking) },
    { name: "@statelyai/inspect's WebSocket inspector", package: '@statelyai/inspect', run: () => crowd(peers, passes, stately) },
  ]
  return [
    {
      name: `a change of state of one of ${peers.toLocaleString('en')} peers (ratio: over nobody)`,
      unit: 'µs',
      contenders: [{ name: none, run: () => crowd(peers, passes, nobody) }, ...watchers.map((one) => ({ ...one, ratio: over(one.name) }))],
    },
  ]
}

/** Every peer goes into the pool and out of it again, all of them in turn. */
async function crowd(peers, passes, watch) {
  const ids = Array.from({ length: peers }, (_, i) => `scripted://peer-${i}`)
  const watcher = await watch(ids)
  if (watcher.missing !== undefined) return watcher
  const transport = scripted({ autoOpen: true, autoClose: 'microtask', record: false })
  const manager = new ConnectionManager(peers, { transport, ...watcher.options })
  let told = 0
  let last = 0
  manager.transitions$.subscribe(({ seq }) => {
    told++
    last = seq
  })
  for (const id of ids) await manager.connect(id)
  await watcher.attach?.(manager)
  return {
    async round() {
      const before = told
      const start = performance.now()
      for (let pass = 0; pass < passes; pass++) {
        for (let i = 0; i < peers; i += AT_ONCE) {
          for (const id of ids.slice(i, i + AT_ONCE)) {
            void manager.disconnect(id)
            void manager.connect(id)
          }
          await turn()
        }
      }
      const us = ((performance.now() - start) * 1_000) / (2 * peers * passes)
      verify(told - before === 2 * peers * passes && manager.metrics.connections === peers, `${told - before} changes`)
      await watcher.verify?.(last)
      return us
    },
    async stop() {
      await watcher.stop?.()
      await manager.shutdown()
    },
  }
}

function nobody() {
  return {}
}

function console() {
  return paged(undefined)
}

function looking([peerId]) {
  return paged(peerId)
}

/** A console and its page, which has read everything when a round is verified. */
function paged(looksAt) {
  let served
  let page
  let tally = { seq: 0, steps: 0 }
  return {
    async attach(manager) {
      served = await serveConsole(manager)
      page = fork(new URL('watched-page.mjs', import.meta.url), [served.url, ...(looksAt === undefined ? [] : [looksAt])])
      page.on('message', (latest) => (tally = latest))
      await once(page, 'message')
    },
    /** The last change is told soon after it, or the round never ends. */
    async verify(last) {
      const hasSeen = () => tally.seq >= last && (looksAt === undefined || tally.steps > 0)
      while (!hasSeen()) await once(page, 'message')
    },
    async stop() {
      page.disconnect()
      await once(page, 'exit')
      await served.close()
    },
  }
}

async function stately() {
  const inspecting = await import('@statelyai/inspect').catch(() => undefined)
  if (inspecting === undefined) return { missing: 'not installed' }
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const heard = new Promise((resolve) => server.on('connection', (socket) => socket.on('message', resolve)))
  await once(server, 'listening')
  const inspector = inspecting.createWebSocketInspector({ url: `ws://127.0.0.1:${server.address().port}` })
  await once(server, 'connection')
  return {
    options: { inspect: inspector.inspect },
    /** It is told in a later turn of the event loop. */
    verify: () => heard,
    stop() {
      inspector.stop?.()
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}
