/** The story of a peer: what `explain()` knows in words first, then its moves with their reasons. */
import type { Explanation } from '../../../runtime/supervisor/explanation.ts'
import { SAFETY_WORDS, safetyOf, securityWords } from '../../../transports/link-safety.ts'
import type { PeerDetail } from '../../wire.ts'
import { away, clock } from '../state/numbers.ts'
import { counted } from '../state/session.ts'
import { StateBadge } from './shape.tsx'

type Story = Partial<Explanation>

/** What `explain()` says, as far as it is there: it came over the wire. */
export function storyOf({ explanation }: PeerDetail): Story | undefined {
  return typeof explanation === 'object' && explanation !== null ? explanation : undefined
}

/** What there is to know of a peer, in a few lines. */
export function PeerStory({ detail }: { detail: PeerDetail }) {
  const story = storyOf(detail)
  if (story === undefined) return null
  const now = counted.value.at
  const { status, waiting, failure, remoteAddress, security, direction, since, holds, callers, attempts, breaker, kept, fleet } = story
  const rows: readonly (readonly [string, string | undefined])[] = [
    [
      'Waits for',
      waiting === undefined ? undefined : `${waiting.for}${waiting.until === undefined ? '' : `, ${away(waiting.until, now)}`}`,
    ],
    ['Address', remoteAddress === undefined ? undefined : `${remoteAddress}${direction === undefined ? '' : ` (${direction})`}`],
    ['Security', status === 'Connected' ? securityOf(security, remoteAddress) : undefined],
    ['Owner', fleet === undefined ? undefined : ownerOf(fleet)],
    ['Since', since === undefined ? undefined : `${clock(since)}, ${away(since, now)}`],
    ['Last failure', failure === undefined ? undefined : `${failure.code}: ${failure.message}`],
    ['Held by', holds === undefined ? undefined : `${plural(holds, 'connection')}${callers ? `; ${plural(callers, 'caller')} wait` : ''}`],
    [
      'Reconnects',
      kept === true ? `kept: dialled again whenever it is lost${attempts ? `; ${plural(attempts, 'attempt')} failed` : ''}` : undefined,
    ],
    [
      'Breaker',
      breaker === undefined || breaker.state === 'closed' ? undefined : `${breaker.state} after ${plural(breaker.failures, 'failure')}`,
    ],
  ]
  return (
    <dl class="facts" data-testid="peer-facts">
      {rows.map(([name, text]) =>
        text === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={name === 'Last failure' ? 'failure' : ''}>{text}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

/** What a peer went through, the latest first: its moves with their reasons, then the events its machine took. */
export function PeerMoves({ detail }: { detail: PeerDetail }) {
  const moves = storyOf(detail)?.moves ?? []
  return (
    <>
      <section>
        <h3>Its moves</h3>
        {moves.length === 0 && <p class="hint">None are remembered.</p>}
        <ol class="moves" data-testid="peer-moves">
          {moves.map(({ at, to, reason }, index) => (
            <li key={moves.length - index}>
              <time>{clock(at)}</time>
              {to === undefined ? <span class="badge">forgotten</span> : <StateBadge state={to} />}
              <span class="reason">{reason}</span>
            </li>
          ))}
        </ol>
      </section>
      {detail.events.length > 0 && (
        <section>
          <h3>Events taken while you watched</h3>
          <ol class="moves" data-testid="peer-events">
            {detail.events.map(({ at, event, state, actions }, index) => (
              <li key={detail.events.length - index}>
                <time>{clock(at)}</time>
                <code>{event}</code>
                <span class="reason">{[`in ${state.replace('.', ' · ')}`, ...actions].join(', ')}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  )
}

/** Who owns the peer, of the nodes of the fleet. */
function ownerOf({ owner, node, fence, at }: NonNullable<Story['fleet']>): string {
  const fenced = fence === undefined ? '' : `, fence ${fence}`
  switch (owner) {
    case 'this node':
      return `this node${fenced}`
    case 'claiming':
      return 'nobody yet: this node is claiming it'
    case 'releasing':
      return 'this node, which is giving it back'
    case 'another node':
      return `node ${node ?? '?'}${fenced}${at === undefined ? '' : `, as it was found ${clock(at)}`}`
    case 'free':
      return 'free: no node, as far as this one knows'
  }
}

function securityOf(security: Story['security'], remoteAddress = ''): string {
  if (security !== undefined) return securityWords(security)
  return SAFETY_WORDS[safetyOf(security, remoteAddress)] || 'open: anybody on the way can read it'
}

function plural(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`
}
