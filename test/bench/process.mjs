/** A contender runs in a process of its own, and its death is an error of whoever waits for it. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url))

/** Starts one contender's process. */
export function contenderProcess(workload, part, contender, size) {
  const child = fork(WORKER, [workload, part, contender, size], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192', ...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? [])],
    // Standard output is the table's.
    stdio: ['ignore', 2, 2, 'ipc'],
    serialization: 'advanced',
  })
  const gone = new Promise((_, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`ended with ${signal ?? code}`)))
  })
  const over = gone.catch(() => {})
  const ask = (request) => {
    const answer = new Promise((resolve, reject) => {
      child.once('message', ({ error, result }) => (error === undefined ? resolve(result) : reject(new Error(error))))
    })
    child.send(request)
    return Promise.race([answer, gone])
  }
  return {
    ask,
    async end() {
      if (!child.connected) return
      await Promise.race([ask('stop').catch(() => {}), new Promise((resolve) => setTimeout(resolve, 10_000).unref())])
      if (child.connected) child.disconnect()
      const killer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await over
      clearTimeout(killer)
    },
  }
}
