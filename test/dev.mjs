/** The demo from the source as it is: built and begun again whenever a source changes. `npm run dev -- --peers 40` passes flags on. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'

/** Several files change within one save. */
const SETTLE_MS = 200

let child
let timer
let isBusy = false
let isStale = true

const run = (...words) => spawn(process.execPath, words, { stdio: 'inherit' })

async function renew() {
  if (isBusy) return
  isBusy = true
  while (isStale) {
    isStale = false
    const [code] = await once(run('test/checks/build.mjs'), 'close')
    if (code !== 0) {
      console.error('It cannot be built: waiting for the next change.')
      continue
    }
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill('SIGINT')
      await once(child, 'close')
    }
    child = run('dist/src/cli/main.js', 'demo', ...process.argv.slice(2))
  }
  isBusy = false
}

for (const folder of ['src', 'machines']) {
  watch(folder, { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      isStale = true
      void renew()
    }, SETTLE_MS)
  })
}
// Ctrl-C reaches the demo by itself, and ends it in order; what ends this process alone is passed on.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (child?.exitCode !== null || child.signalCode !== null) process.exit()
    child.once('close', () => process.exit())
    if (signal === 'SIGTERM') child.kill()
  })
}
await renew()
