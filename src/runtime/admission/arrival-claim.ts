/** The claim of an arriving link: a node of a fleet lets nobody in whom another node keeps, or for whom it has no permit. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Arrival } from '../../transports/transport.ts'
import type { FleetGate, FleetVerdict } from '../options/fleet-gate.ts'
import type { World } from '../world/world.ts'
import type { ArrivalVerdict } from './door.ts'
import type { Gatekeeper } from './gatekeeper.ts'

/**
 * Has an arriving link wait for the word of the fleet.
 *
 * @param decided is called once, with why it is turned away; undefined: it may come in
 * @returns false: it need not wait, and nobody is called
 */
export function awaitsClaim(
  world: World,
  fleet: FleetGate,
  claims: Gatekeeper,
  link: Arrival,
  peerId: PeerId,
  decided: (refusal: ArrivalVerdict | undefined) => void,
): boolean {
  const claimed = fleet.arriving(peerId, link.remotePeerId !== undefined)
  if (claimed === undefined) return false
  let verdict: FleetVerdict | undefined
  const passes = claimed.then((told) => {
    verdict = told
    return told === undefined
  })
  claims.wait(link, passes, world.deadlines, world.now() + world.settings.connectTimeoutMs, (outcome) => {
    if (outcome === 'passed') decided(undefined)
    else if (outcome === 'gate' && verdict !== undefined) decided(verdict)
    else decided({ reason: outcome === 'gate-timeout' ? 'fleet-away' : outcome })
    fleet.arrived(peerId)
  })
  return true
}
