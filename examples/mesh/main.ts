/**
 * A mesh of five, each node a process: `npm run example mesh`, and `npm run example mesh ws` for one that proves its ids.
 * A node that dies is started again. Kill one, and watch; Ctrl-C ends all.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { runNode } from './node.ts'

const [, , , first = 'tcp', ...rest] = process.argv
if (first === 'node') await runNode(rest[0]!, JSON.parse(rest[1]!) as Record<string, string>)
else await runMesh(first)

/** Starts a process for each node, and ends when it is told to. */
async function runMesh(scheme: string): Promise<void> {
  const ports = process.env['PORTS']?.split(',') ?? ['7101', '7102', '7103', '7104', '7105']
  const restartMs = Number(process.env['RESTART_MS'] ?? 0)
  const addresses = JSON.stringify(Object.fromEntries(ports.map((port, index) => [`node-${index + 1}`, `${scheme}://127.0.0.1:${port}`])))
  const running = new Map<string, ChildProcess>()
  const ending = new AbortController()

  function start(name: string): void {
    const child = fork(fileURLToPath(import.meta.url), ['mesh', 'node', name, addresses])
    running.set(name, child)
    say(name, `is process ${child.pid}`)
    child.once('exit', (code, signal) => {
      running.delete(name)
      if (ending.signal.aborted) return
      say(name, `is gone (${signal ?? code})`)
      setTimeout(() => ending.signal.aborted || start(name), restartMs)
    })
  }

  for (const name of Object.keys(JSON.parse(addresses) as object)) start(name)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  ending.abort()
  await Promise.all(
    [...running.values()].map(async (child) => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }),
  )
}

function say(name: string, what: string): void {
  console.log(`${Date.now()} ${name} ${what}`)
}
