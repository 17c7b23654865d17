/** A proof: what a secured stream knows of its other side before that says hello. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { LinkSecurity } from './transport.ts'

/** Who the other side of a stream has proven to be, and how the stream is secured. */
export interface StreamProof {
  readonly peerId: PeerId
  readonly security: LinkSecurity
  /** What this side says of it in its hello: a JSON object, as text. */
  readonly hello: string
  /** The other side has said hello, with such an object. */
  heard(hello: string): void
}
