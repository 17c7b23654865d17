/** The errors of a kept handle: why there is no link, and what to do about it. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { ConnectionError } from '../../errors.ts'
import { stoppedError } from '../errors/refusals.ts'

/** Why a wait for the link of a kept peer is in vain. @param isOver whether the handle was released, or the manager ended */
export function lostError(peerId: PeerId, isAccepting: boolean, isOver: boolean): ConnectionError {
  if (!isAccepting) return stoppedError(`connect to '${shownPeerId(peerId)}'`, peerId)
  return new ConnectionError('ERR_DISCONNECTED', `'${shownPeerId(peerId)}' ${fateOf(isOver)}`, { peerId })
}

/** Why nothing can be sent to a kept peer. @param isKept whether it is dialled again by itself */
export function noLinkError(peerId: PeerId, isKept: boolean, isOver: boolean): ConnectionError {
  const why = isKept ? 'has no link just now; wait for connected(), or set the option queue of keep' : fateOf(isOver)
  return new ConnectionError('ERR_NOT_CONNECTED', `'${shownPeerId(peerId)}' ${why}`, { peerId })
}

/** Why there is no link, and none is to come. */
function fateOf(isOver: boolean): string {
  if (isOver) return 'is let go of by this handle: it was released, or the manager ended; keep it again'
  return 'is kept no longer: it was disconnected, another link replaced ours, or nothing dials it again; keep it again'
}
