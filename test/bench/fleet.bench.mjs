/** A fleet on a Redis of this machine: what four processes dial that share one limit, beside one of them and beside one alone. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dialing } from './fleet-processes.mjs'
import { AT_ONCE } from './real-links.mjs'
import { sized } from './workload.mjs'

const unpacked = fileURLToPath(new URL('../../node_modules/.cache/qudag/redis-server/run/redis-server', import.meta.url))
const program = [...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'redis-server')), unpacked].find(existsSync)

export function cases(size) {
  const ms = sized(size, { tiny: 50, smoke: 500, normal: 3_000 })
  const contenders = (figure) => [
    { name: 'four processes', run: () => onRedis(4, ms, figure) },
    { name: 'one process', run: () => onRedis(1, ms, figure) },
    { name: 'one process, no fleet', run: () => dialing('none', 1, ms, figure) },
  ]
  return [
    {
      name: `claim at a Redis, dial and close in order, ${AT_ONCE} at once in each process`,
      unit: 'a second',
      more: true,
      contenders: contenders('a second'),
    },
    {
      name: 'processor time of the nodes for one such dial',
      unit: 'ms',
      more: false,
      contenders: contenders('cost'),
    },
  ]
}

async function onRedis(processes, ms, figure) {
  if (program === undefined) return { missing: 'redis-server is not installed' }
  const folder = mkdtempSync(join(tmpdir(), 'qudag-bench-'))
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const server = spawn(program, args, { stdio: ['ignore', 'ignore', 2] })
  const end = () => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', end)
  const { round, stop } = await dialing(`redis://127.0.0.1:${port}`, processes, ms, figure)
  return {
    round,
    async stop() {
      await stop()
      process.off('exit', end)
      end()
    },
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
