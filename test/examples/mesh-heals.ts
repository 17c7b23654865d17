/** A mesh of five processes of which one is killed, and how long it takes to be whole once that one is back. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect } from 'vitest'
import { Program } from './program.ts'

const NAMES = ['node-1', 'node-2', 'node-3', 'node-4', 'node-5']
const WHOLE_MS = 2_000

/** Ports that are free just now, and that no dial is given as its own: those are above. */
async function freePorts(): Promise<readonly number[]> {
  const ports: number[] = []
  for (let port = 10_000 + Math.floor(Math.random() * 20_000); ports.length < NAMES.length; port++) {
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  await once(server.close(), 'close')
  return true
}

/** What a node said, and when. */
interface Said {
  readonly at: number
  readonly name: string
  readonly what: string
}

const parse = (lines: readonly string[]): Said[] =>
  lines.map((line) => {
    const [at = '', name = '', ...what] = line.split(' ')
    return { at: Number(at), name, what: what.join(' ') }
  })

/** When the last node became whole, where each one's last word of its gaps is that it has none. */
function wholeAt(said: readonly Said[], links: number): number | undefined {
  const last = NAMES.map((name) =>
    said.findLast((each) => each.name === name && /^(is whole|has a gap|is gone|is process)/.test(each.what)),
  )
  if (!last.every((each) => each?.what === `is whole: 4 of 4 peers, ${links} links`)) return undefined
  return Math.max(...last.map((each) => each!.at))
}

/** How a mesh is made. */
export interface MeshCase {
  readonly scheme: 'tcp' | 'ws'
  /** How long the node that was killed is away, in milliseconds. */
  readonly restartMs: number
  /** How many links a node of the whole mesh has. */
  readonly links: number
}

/** Starts a mesh, kills one of it, and expects it to be whole within two seconds after that one listens again. */
export async function expectMeshHeals({ scheme, restartMs, links }: MeshCase): Promise<void> {
  const ports = await freePorts()
  const mesh = new Program(['mesh', scheme], { PORTS: ports.join(), RESTART_MS: String(restartMs) })
  await mesh.until((lines) => wholeAt(parse(lines), links))
  // Of two links that two nodes open to each other at once one goes, and with it what was just said there.
  for (const name of scheme === 'tcp' ? NAMES : []) {
    for (const other of NAMES) {
      if (name !== other) await mesh.until((lines) => parse(lines).some((each) => each.name === name && each.what === `hears ${other}`))
    }
  }

  const before = mesh.lines.length
  process.kill(Number(await mesh.match(/node-3 is process (\d+)/)), 'SIGKILL')
  const since = (lines: readonly string[]): Said[] => parse(lines).slice(before)
  const back = await mesh.until((lines) => since(lines).find(({ name, what }) => name === 'node-3' && what === 'listens'))
  // Each of the others has missed it.
  for (const name of NAMES) {
    if (name !== 'node-3') await mesh.until((lines) => since(lines).some((each) => each.name === name && each.what.startsWith('has a gap')))
  }
  const whole = await mesh.until((lines) => wholeAt(parse(lines), links))
  console.log(`over ${scheme}: whole ${whole - back.at} ms after the node listened`)
  expect(whole - back.at).toBeLessThan(WHOLE_MS)
  expect(await mesh.end()).toEqual([0, null])
}
