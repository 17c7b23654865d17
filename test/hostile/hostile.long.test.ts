import { describe } from 'vitest'
import { CASES, hurtsOnlyWithoutDefence } from './cases.ts'

describe('honest peers are served beside every attacker, who hurts a server without the defence', () => {
  hurtsOnlyWithoutDefence(CASES, 2_000)
})
