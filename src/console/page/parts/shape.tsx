/** A status is shown by a shape as well as by a colour. */
import type { ConnectionStatus } from '../../../../machines/domain/connection-status.ts'
import { SHAPES, statusIn } from '../state/status.ts'

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
