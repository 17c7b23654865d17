/** Attacks that are told apart by their kind; `hostile.long.test.ts` has every one of them, over both transports. */
import { describe } from 'vitest'
import { CASES, hurtsOnlyWithoutDefence } from './cases.ts'

const PART: ReadonlySet<string> = new Set([
  'silent strangers until no descriptor is left, tcp',
  'one message in fragments of one byte, ws',
  'a peer that never reads, of an application that ignores what send says, tcp',
  'messages of 16 MiB that are never finished, tcp',
  'messages of one byte without end, tcp',
  'requests in a pipeline, ws',
])

describe('honest peers are served beside an attacker, who hurts a server without the defence', () => {
  hurtsOnlyWithoutDefence(
    CASES.filter(({ attack, over }) => PART.has(`${attack}, ${over}`)),
    1_000,
  )
})
