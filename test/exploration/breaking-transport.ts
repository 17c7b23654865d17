/** A transport that tells its dials to the hands, and whose links break in `attach` where a subject says so. */
import type { Link, Transport } from '../../src/transports/transport.ts'
import type { ExploredManager } from './explored-manager.ts'

/** Two ids below it and one above, so that a duel is won by either side. */
export const LOCAL = 'scripted://m'

/** The scripted transport of a subject, as its manager sees it. */
export function breakingTransport(subject: ExploredManager): Transport {
  const { transport } = subject
  return {
    schemes: transport.schemes,
    localPeerId: LOCAL,
    dial: async (address, options) => {
      const dialing = transport.dial(address, options)
      const hand = subject.handOf(options.peerId)
      if (hand !== undefined) hand.dial = transport.dials.at(-1)
      return mangled(subject, await dialing)
    },
    listen: (address, { onLink }) => transport.listen(address, { onLink: (link) => onLink(mangled(subject, link)) }),
  }
}

function mangled(subject: ExploredManager, link: Link): Link {
  if (!subject.breakLinks) return link
  link.attach = () => {
    throw new Error('attach throws')
  }
  return link
}
