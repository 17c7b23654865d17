/** The suite of stores on the store in memory, by the virtual clock. */
import { memoryStore } from 'qudag-connections/fleet'
import { testFleetStore } from 'qudag-connections/fleet/testing'
import { flush, VirtualClock } from 'qudag-connections/testing'
import { describe, test } from 'vitest'

const clock = new VirtualClock()

testFleetStore(
  {
    name: 'memory',
    losesData: true,
    now: () => clock.now(),
    wait: (ms) => {
      clock.advance(ms)
      return flush()
    },
    open: () => {
      const store = memoryStore({ clock })
      return { clients: [store, store.client()], loseData: () => store.forget() }
    },
  },
  { describe, test },
)
