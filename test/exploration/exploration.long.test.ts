/** What `exploration.test.ts` finds of a part is so of nearly the whole. */
import { expect, test } from 'vitest'
import { explore } from './explore.ts'
import { POLICED_TRIPLE, POLICED_WHOLE, tell, WHOLE_DUO, WHOLE_TRIPLE } from './explorations.ts'

test.each([
  ['two peers under a limit that moves, everything that can happen', WHOLE_DUO],
  ['three peers for two slots, everything that can happen', WHOLE_TRIPLE],
  ['two peers that take turns, wait in line and have breakers, with the reports of the app', POLICED_WHOLE],
  ['three peers that take turns, wait in line and have breakers', POLICED_TRIPLE],
])(
  '%s',
  async (name, exploration) => {
    const began = performance.now()
    const found = await explore(exploration)
    tell(name, exploration, found, performance.now() - began)
    expect(found.wrong).toEqual([])
  },
  7_200_000,
)
