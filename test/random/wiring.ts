/** What was drawn as data becomes the options of a manager, its functions included. */
import type { AdmissionRule, Arrival, Gate, Link, ManagerOptions, Transport } from 'qudag-connections'
import type { ScriptedTransport } from 'qudag-connections/testing'
import type { Drawn } from './generator.ts'

/** What a run can do to what its manager waits for. */
export interface Levers {
  /** What the gate has not answered yet. */
  readonly asked: { readonly settle: (passes: boolean) => void; readonly fail: (error: Error) => void }[]
  /** Whether links that are given to the manager throw when it attaches to them. */
  breaksLinks: boolean
}

/** The options of a manager, as drawn. */
export function optionsOf(drawn: Drawn, levers: Levers): ManagerOptions {
  const { plain, admission, score, gate, resolve, reconnect, randoms } = drawn
  let picks = 0
  return {
    ...plain,
    random: () => randoms[picks++ % randoms.length] as number,
    admission: typeof admission === 'string' ? admission : ruleOf(admission),
    ...(score === 'holds' && { score: ({ holds, sum }) => sum + holds }),
    ...(gate !== 'none' && { gate: gateOf(gate, levers) }),
    ...(resolve !== 'by name' && { resolve: resolverOf(resolve) }),
    reconnect: reconnect === false ? false : reconnectOf(reconnect),
  }
}

/** The transport, whose links break when the lever says so. */
export function breaking(transport: ScriptedTransport, levers: Levers): Transport {
  const broken = (link: Link): Link => {
    if (!levers.breaksLinks) return link
    link.attach = () => {
      throw new Error('attach throws')
    }
    return link
  }
  return {
    schemes: transport.schemes,
    ...(transport.localPeerId !== undefined && { localPeerId: transport.localPeerId }),
    dial: async (address, options) => broken(await transport.dial(address, options)),
    listen: (address, { onLink, onArrival }) =>
      transport.listen(address, {
        onLink: (link) => onLink(broken(link)),
        ...(onArrival !== undefined && {
          onArrival: (arrival: Arrival) => onArrival({ ...arrival, admit: () => broken(arrival.admit()) }),
        }),
      }),
  }
}

function ruleOf(decisions: Exclude<Drawn['admission'], string>): AdmissionRule {
  let asked = 0
  return () => {
    const decision = decisions[asked++ % decisions.length]
    if (decision === 'throws') throw new Error('broken')
    return decision as ReturnType<AdmissionRule>
  }
}

function gateOf(answers: Exclude<Drawn['gate'], string>, { asked }: Levers): Gate {
  let questions = 0
  return () => {
    const answer = answers[questions++ % answers.length]
    if (answer === 'throws') throw new Error('broken')
    if (answer !== 'later') return answer === 'yes'
    return new Promise((settle, fail) => asked.push({ settle, fail }))
  }
}

function resolverOf(how: Exclude<Drawn['resolve'], 'by name'>): NonNullable<ManagerOptions['resolve']> {
  const addressesOf = (peerId: string): readonly string[] => {
    if (peerId === 'many') return ['scripted://one', 'scripted://two', 'scripted://three']
    if (peerId === 'alice') return ['scripted://house']
    if (peerId === 'unheard') return ['unheard://of', 'no url']
    return peerId === 'nowhere' ? [] : [peerId]
  }
  if (how === 'at once') return addressesOf
  if (how === 'later') return async (peerId) => (peerId === 'nowhere' ? new Promise(() => {}) : addressesOf(peerId))
  return (peerId) => {
    if (peerId === 'nowhere') throw new Error('no directory')
    return addressesOf(peerId)
  }
}

function reconnectOf({ isPicky, ...rest }: Exclude<Drawn['reconnect'], false>): NonNullable<ManagerOptions['reconnect']> {
  return { ...rest, ...(isPicky && { shouldRetry: ({ code }) => code !== 'ECONNREFUSED' }) }
}
