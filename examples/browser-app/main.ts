/** An app whose page keeps its server: `npm run example browser-app`, open the address, then a second tab of it. Ctrl-C ends it. */
import { startApp } from './server.ts'

const { url, stop } = await startApp(Number(process.env['PORT'] ?? 8080))
console.log(`The app is at ${url} (Ctrl-C ends it)`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
