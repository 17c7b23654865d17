/** Needs `ws` for the first time when the process has no descriptor left, and again when it has. */
import { websocket } from 'qudag-connections/transports/websocket'
import { exhaust, limit, say } from './few.mjs'

const { signal } = new AbortController()
const listen = () => websocket().listen(new URL('ws://127.0.0.1:0'), { onLink: () => {} })
const codeOf = (promise) =>
  promise.then(
    () => 'ok',
    ({ code }) => code,
  )

limit(64)
const release = exhaust()
const dialled = await codeOf(websocket().dial(new URL('ws://127.0.0.1:1'), { peerId: 'p', signal }))
const listened = await codeOf(listen())
release()
const listener = await listen()
const link = await websocket().dial(listener.address, { peerId: 'p', signal })
say({ dialled, listened, then: typeof link.send })
process.exit(0)
