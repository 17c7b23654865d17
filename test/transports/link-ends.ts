/** The two ends of a link, made by whatever transport a contract is tested of, and what is heard at them. */
import { onTestFinished } from 'vitest'
import type { Link, Listener, Transport } from '../../src/transports/transport.ts'
import { type LinkRecorder, numbered, record } from './link-recorder.ts'

/** What the contract is told of a transport. */
export interface ContractSetup {
  /** A transport whose largest frame is `maxFrameBytes`; two of one test reach each other. */
  readonly transport: Transport
  /** Where to listen; a free place is found. */
  readonly address: URL
  /** The largest message, in bytes. */
  readonly maxFrameBytes: number
}

export const KIB = 1024
export const never = (): AbortSignal => new AbortController().signal

/** What makes the ends of links of one transport. */
export type LinkEnds = ReturnType<typeof linkEnds>

export function linkEnds(setup: () => ContractSetup) {
  /** Listens, and gives the links that arrive in turn. */
  async function listening({ transport, address }: ContractSetup = setup()) {
    const arrived: Link[] = []
    const waiting: ((link: Link) => void)[] = []
    const listener: Listener = await transport.listen!(address, {
      onLink(link) {
        const next = waiting.shift()
        if (next === undefined) arrived.push(link)
        else next(link)
      },
    })
    onTestFinished(() => listener.close())
    const next = (): Promise<Link> => {
      const link = arrived.shift()
      return link === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(link)
    }
    const dial = (signal = never()): Promise<Link> => transport.dial(listener.address, { peerId: 'peer', signal })
    return { listener, dial, next, transport }
  }

  /** Two ends of one link. */
  async function pair(given?: ContractSetup): Promise<[near: Link, far: Link]> {
    const { dial, next } = await listening(given)
    const ends = await Promise.all([dial(), next()])
    for (const end of ends) onTestFinished(() => end.abort())
    return ends
  }

  async function attached(given?: ContractSetup): Promise<[near: Link, far: Link, nearLog: LinkRecorder, farLog: LinkRecorder]> {
    const [near, far] = await pair(given)
    return [near, far, record(near), record(far)]
  }

  /** Both directions of every row: what holds for the dialer holds for the listener. */
  async function bothWays(row: (from: Link, to: Link, fromLog: LinkRecorder, toLog: LinkRecorder) => Promise<void>): Promise<void> {
    const [a, b, aLog, bLog] = await attached()
    await row(a, b, aLog, bLog)
    const [c, d, cLog, dLog] = await attached()
    await row(d, c, dLog, cLog)
  }

  async function fill(from: Link): Promise<number> {
    let sent = 0
    for (;;) {
      const goesOn = from.send(numbered(sent++, 64 * KIB))
      if (!goesOn) return sent
      // A wire takes some of it away in a turn of the event loop; what it takes is bounded.
      if (sent % 16 === 0) await new Promise(setImmediate)
    }
  }
  return { setup, listening, pair, attached, bothWays, fill }
}
