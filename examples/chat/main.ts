/** A chat: one manager in Node, one in the page of everybody who talks. Open its address in two tabs; Ctrl-C ends it. */
import { startChat } from './server.ts'

const { url, manager, stop } = await startChat(Number(process.env['PORT'] ?? 8080))
console.log(`The chat is at ${url} (Ctrl-C ends it)`)

manager.transitions$.subscribe(({ peerId, to, reason }) => {
  console.log(`${peerId}: ${to ?? 'forgotten'} (${reason}), ${manager.metrics.connections} connected`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
