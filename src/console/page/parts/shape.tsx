/** A status is shown by a shape as well as by a colour. */
import type { ConnectionStatus } from '../../../../machines/domain/connection-status.ts'
import { SAFETY_WORDS } from '../../../transports/link-safety.ts'
import { SAFETY_MEANINGS, SHAPES, SHIELDS, statusIn } from '../state/status.ts'

/** The shape of a status. The word stands beside it: it is not read out. */
export function Shape({ status }: { status: ConnectionStatus }) {
  return (
    <svg class="shape" data-status={status} viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
      <path d={SHAPES[status]} />
    </svg>
  )
}

/** A state with its shape: `pooled`, in the colour of its status. */
export function StateBadge({ state }: { state: string }) {
  const status = statusIn(state)
  return (
    <span class="badge" data-status={status ?? 'none'}>
      {status !== undefined && <Shape status={status} />}
      {state.replace('.', ' · ')}
    </span>
  )
}

/** How safe a link is, as a shield and in words; nothing where it is open. */
export function SafetyBadge({ safety }: { safety: number }) {
  const words = SAFETY_WORDS[safety] ?? ''
  if (words === '') return null
  return (
    <span class="safety" data-testid="safety" title={SAFETY_MEANINGS[safety]}>
      <svg class="shape shield" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
        <path d={SHIELDS[safety]} fill-rule="evenodd" />
      </svg>
      {words}
    </span>
  )
}
