/** A drawn run is done to a real manager, and after each of its steps what must hold is asked. */
import { ConnectionError, type Move } from 'qudag-connections'
import { flush } from 'qudag-connections/testing'
import type { WarmUpReport } from '../../src/runtime/pool/warm-ups.ts'
import { assertLegalStream } from '../properties/legal-transitions.ts'
import { Rig } from '../properties/rig.ts'
import { NOTHING_LEFT } from '../properties/rig-watches.ts'
import { type Drawn, HOSTS, PEERS } from './generator.ts'
import type { More, Step } from './steps.ts'
import type { Tally } from './tally.ts'
import { Watches } from './watches.ts'
import { breaking, type Levers, optionsOf } from './wiring.ts'

/** One manager, and what is done to it. */
export class Run {
  readonly rig: Rig
  readonly #levers: Levers & { asked: Levers['asked'][number][] } = { asked: [], breaksLinks: false }
  readonly #watches: Watches
  readonly #tally: Tally
  #breaksNext = false
  #arrivals = 0

  constructor(drawn: Drawn, tally: Tally) {
    this.#tally = tally
    this.#watches = new Watches(drawn)
    const { maxConnections, plain, script } = drawn
    const variant = { maxConnections, poolTimeoutMs: 1_000, onAbort: 'reject', tellLocalEnd: 'sync', embedded: false } as const
    const look = (rig: Rig, where: string): string | undefined => this.#watches.atEveryInstant(rig, where)
    const wrap = (transport: Rig['transport']) => breaking(transport, this.#levers)
    this.rig = new Rig(variant, look, [], { wrap, script, peers: PEERS, options: optionsOf(drawn, this.#levers) })
    const { manager } = this.rig
    manager.supervisor.on('peer.move', (move: Move) => this.#tally.add(`move ${move.reason}`))
    manager.transitions$.subscribe((transition) => {
      this.#tally.add(`move ${transition.reason}`)
      if (transition.failure?.code === 'ERR_CRASHED') this.#tally.add('failure ERR_CRASHED')
      this.#wrong(this.#watches.atTransition(this.rig, transition), `transition ${transition.seq}`)
    })
    manager.supervisor.on('peer.refused', ({ error }) => this.rig.errors.push(error))
    this.#watches.begin(plain.restore)
  }

  /** Does it all, ends it, and says what was wrong. */
  async all(steps: readonly Step[]): Promise<readonly string[]> {
    const { rig } = this
    await rig.manager.listen('scripted://here:1')
    for (const [at, { step, settle }] of steps.entries()) {
      this.#levers.breaksLinks = this.#breaksNext
      this.#breaksNext = false
      this.#do(step)
      const where = `after step ${at}, ${JSON.stringify(step)}`
      rig.look(where)
      this.#wrong(this.#watches.atStep(rig, false), where)
      if (settle) await flush()
      if (settle) this.#wrong(this.#watches.atStep(rig, true), `settled ${where}`)
      if (rig.wrong.length > 0) break
    }
    this.#levers.breaksLinks = false
    this.#tally.sequences++
    this.#tally.steps += steps.length
    const { refusals } = rig.manager.explain().inbound
    await rig.end()
    for (const [reason, times] of Object.entries(refusals)) if (times > 0) this.#tally.add(`arrival ${reason}`, times)
    this.#afterwards()
    return rig.wrong
  }

  #do(step: Step['step']): void {
    this.#tally.add(`step ${step.type}`)
    const { connections, controllers, transport } = this.rig
    for (const list of [connections, controllers]) list.splice(0, list.length - LATEST)
    // What is settled is looked at no more, and would make a long run dear.
    if (transport.dials.length > 50) transport.dials.splice(0, Infinity, ...transport.dials.filter(({ settled }) => !settled))
    if (isShared(step)) return this.rig.do(step)
    try {
      this.#more(step)
    } catch (error) {
      if (!ConnectionError.is(error)) throw error
      this.rig.errors.push(error)
    }
  }

  #more(step: More): void {
    const { rig } = this
    const { manager, transport } = rig
    const peerId = 'peer' in step && typeof step.peer === 'number' ? (PEERS[step.peer] as string) : PEERS[0]
    switch (step.type) {
      case 'ask': {
        const controller = new AbortController()
        if (step.signal) rig.controllers.push(controller)
        const addresses = ['scripted://other', 'scripted://198.51.100.9', 'unheard://of'].slice(0, step.addresses)
        const { priority, keep } = step
        const how = { priority, keep, ...(step.addresses > 0 && { addresses }), ...(step.signal && { signal: controller.signal }) }
        const asking = manager.connect(peerId, how)
        void asking.then((connection) => rig.connections.push(connection)).catch(() => {})
        return rig.track(`connect ${peerId}`, asking, step.signal ? controller.signal : undefined)
      }
      case 'tag':
        return manager.tag(peerId, step.name, step.value, step.ttlMs === undefined ? {} : { ttlMs: step.ttlMs })
      case 'untag':
        return manager.untag(peerId, step.name)
      case 'protect':
        manager.protect(peerId, step.name)
        return this.#watches.protect(peerId, step.name, 1)
      case 'unprotect':
        manager.unprotect(peerId, step.name)
        return this.#watches.protect(peerId, step.name, -1)
      case 'warm':
        return this.#warm(step.peers.map((peer) => PEERS[peer] as string))
      case 'select': {
        const strategy = step.strategy === 'first' ? ([first]: readonly { readonly peerId: string }[]) => first?.peerId : step.strategy
        return void manager.select(
          step.peers.map((peer) => PEERS[peer] as string),
          strategy,
        )
      }
      case 'retryNow':
        return manager.retryNow(step.peer === undefined ? undefined : peerId)
      case 'limits': {
        const { type: _, ...limits } = step
        // Whoever waits may come in at once.
        if (!rig.over) rig.limit = limits.maxConnections ?? rig.limit
        return manager.setLimits(limits)
      }
      case 'drain':
        rig.over = true
        return rig.track('drain', manager.drain(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }))
      case 'look':
        for (const one of PEERS) JSON.stringify(manager.explain(one))
        return void JSON.stringify([manager.explain(), manager.export()])
      case 'wanted':
        return void rig.transport.pendingDials.at(-1)?.open()
      case 'pass':
        return rig.advanceTo(Math.max(rig.clock.now(), rig.clock.next ?? 0))
      case 'command':
        // An actor that is over takes no events, and says so aloud.
        if (manager.supervisor.getSnapshot().status === 'active') manager.supervisor.send({ type: step.event, peerId })
        return
      case 'listen': {
        if (step.fails && !rig.over) transport.failListen(new Error('in use'))
        return rig.track('listen', manager.listen(step.unheard ? 'unheard://here' : 'scripted://here:2'))
      }
      case 'answer': {
        const { asked } = this.#levers
        const [question] = asked.splice(step.nth % Math.max(1, asked.length), 1)
        return step.answer === 'rejects' ? question?.fail(new Error('no answer')) : question?.settle(step.answer === 'yes')
      }
      case 'come': {
        if (transport.listeners.length === 0) return
        const remotePeerId = step.peer === 'nobody' ? undefined : step.peer === 'nonsense' ? '' : peerId
        transport.arrive({ remotePeerId, remoteAddress: `tcp://${HOSTS[step.host] as string}:${1 + this.#arrivals++}` })
        return
      }
      case 'openAs': {
        // Who is dialled by the address itself may prove to be anybody.
        const elsewhere = transport.pendingDials.filter((dial) => !dial.address.href.startsWith(dial.peerId))
        const dial = elsewhere.find((one) => one.peerId === 'alice') ?? nth(elsewhere, step.nth)
        return void dial?.open({ remotePeerId: peerId })
      }
      case 'pong': {
        const link = nth(
          [...transport.links].filter(({ pings }) => pings > 0),
          step.nth,
        )
        return void (step.ms === 'fails' ? link?.failPing(new Error('no pong')) : link?.answerPing(step.ms))
      }
      case 'break': {
        if (step.how === 'attach') {
          this.#breaksNext = true
          return
        }
        const link = nth([...transport.links], step.nth)
        if (link?.attached !== true || link.state !== 'open') return
        link.close = () => {
          throw new Error('close throws')
        }
        return
      }
      case 'drained': {
        const connection = nth(rig.connections, step.nth)
        if (connection !== undefined) rig.track('drained', connection.drained())
      }
    }
  }

  #warm(peerIds: readonly string[]): void {
    const { rig } = this
    const warming = rig.manager.warm(peerIds)
    rig.track('warm', warming)
    void this.#countWarmed(warming)
  }

  async #countWarmed(warming: Promise<WarmUpReport>): Promise<void> {
    const report = await warming.catch(() => undefined)
    for (const { reason } of report?.skipped ?? []) this.#tally.add(`warm-up ${reason}`)
    this.rig.errors.push(...(report?.failed ?? []).map(({ error }) => error))
  }

  /** What each call that failed was told is a ConnectionError, or what its own signal says; and nothing is left. */
  #afterwards(): void {
    const { rig } = this
    for (const error of rig.errors) {
      if (!ConnectionError.is(error)) {
        if ((error as Error).message !== 'the caller left') this.#wrong(`a call failed with ${String((error as Error).stack)}`, 'in all')
        continue
      }
      this.#tally.add(`code ${error.code}`)
      if (error.reason !== undefined) this.#tally.add(`reason ${error.reason}`)
      const waited = error.code === 'ERR_CONNECT_TIMEOUT' ? waitedFor(error.message) : undefined
      if (waited !== undefined) this.#tally.add(`waited for ${waited}`)
    }
    if (rig.wrong.length > 0) return
    try {
      assertLegalStream(rig.transitions)
    } catch (error) {
      this.#wrong((error as Error).message, 'in all')
    }
    const { completed, ...left } = rig.leftovers()
    const { completed: _, ...nothing } = NOTHING_LEFT
    const all = { ...left, peers: [...rig.manager.peers()].length }
    if (JSON.stringify(all) !== JSON.stringify({ ...nothing, peers: 0 })) this.#wrong(`there is left ${JSON.stringify(all)}`, 'at the end')
    const streams = NOTHING_LEFT.completed.filter((stream) => !(completed as string[]).includes(stream))
    if (streams.length > 0) this.#wrong(`${streams.join()} did not complete`, 'at the end')
  }

  #wrong(what: string | undefined, where: string): void {
    if (what !== undefined) this.rig.wrong.push(`${where}: ${what}`)
  }
}

/** Among so many connections, or callers, one is picked: those before are mostly over. */
const LATEST = 4

const MORE: ReadonlySet<string> = new Set<More['type']>([
  ...(['ask', 'tag', 'untag', 'protect', 'unprotect', 'warm', 'select', 'retryNow', 'limits', 'drain', 'look', 'wanted', 'pass'] as const),
  ...(['command', 'listen', 'answer', 'come', 'openAs', 'pong', 'break', 'drained'] as const),
])

function isShared(step: Step['step']): step is Exclude<Step['step'], More> {
  return !MORE.has(step.type)
}

function waitedFor(message: string): string {
  if (message.includes('for a slot')) return 'a slot'
  if (message.includes('for its turn')) return 'a turn'
  if (message.includes('the gate was asked')) return 'the gate'
  return message.includes('were looked up') ? 'addresses' : 'a dial'
}

function nth<T>(items: readonly T[], n: number): T | undefined {
  return items[n % items.length]
}
