/** A worker among those of one command: its share of the peers, and ports, a name and a file of its own. */
import cluster from 'node:cluster'
import { join, parse } from 'node:path'
import { UsageError } from '../arguments.ts'

/** Tells a worker which of how many it is: `1/2` for the second of two. */
const SHARE = 'QUDAG_FLEET_SHARE'

/** What a worker tells the command's first process when it has begun: it listens, serves and writes what it was asked to. */
export const BEGUN = 'qudag-connections: begun'

const MOST_PORT = 65_535

/** Whether this process is one of several that share a terminal. */
export function isWorker(): boolean {
  return cluster.isWorker
}

/** Tells the first process that this worker has begun. */
export function tellBegun(): void {
  if (cluster.isWorker) process.send?.(BEGUN)
}

/** What a worker is told when it is made. @param index from 0 */
export function shareFor(index: number, count: number): Readonly<Record<string, string>> {
  return { [SHARE]: `${index}/${count}` }
}

/** Which worker this process is, from 0, and of how many; one that stands alone is the first of one. */
function share(): { readonly index: number; readonly count: number } {
  const [index = 0, count = 1] = (cluster.isWorker ? (process.env[SHARE] ?? '') : '').split('/').map(Number)
  return count > 1 ? { index, count } : { index: 0, count: 1 }
}

/** Of the peers that workers were asked to connect, those that this one asks for: each is one worker's, and comes to another when that dies. */
export function shareOf(peers: readonly string[]): readonly string[] {
  const { index, count } = share()
  return count > 1 ? peers.filter((_, i) => i % count === index) : peers
}

/** The port that this worker serves at where one is asked for: that one and those that follow, so that nobody reaches another by chance. */
export function ownPort(port: number): number {
  return port === 0 ? 0 : port + share().index
}

/** The name of this worker where one is asked for. */
export function ownName(name: string): string {
  const { index, count } = share()
  return count > 1 ? `${name}-${index}` : name
}

/** The file that this worker writes where one is asked for: `all-0.jsonl` for `all.jsonl`. */
export function ownFile(file: string): string {
  const { dir, name, ext } = parse(file)
  return ownName(name) === name ? file : join(dir, ownName(name) + ext)
}

/** What is served at a port by each of some workers. */
interface Ports {
  readonly flag: string
  readonly port: number
}

/** Whether so many workers have a port each for everything that they serve. @throws UsageError */
export function checkPorts(workers: number, served: readonly Ports[]): void {
  const fixed = served.filter(({ port }) => port !== 0)
  for (const { flag, port } of fixed) {
    if (port + workers - 1 > MOST_PORT)
      throw new UsageError(`${flag}: each of ${workers} workers has a port of its own, from ${port} on, and ${MOST_PORT} is the last one`)
  }
  const [one, other] = fixed
  if (one !== undefined && other !== undefined && Math.abs(one.port - other.port) < workers) {
    throw new UsageError(`${one.flag} and ${other.flag} must be ${workers} ports apart: each worker has a port of its own for both`)
  }
}
