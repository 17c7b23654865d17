import { expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

test.each([['Disconnected'], ['Connecting', 'Disconnected'], ['Connecting', 'Connected', 'Disconnected']] as const)(
  'a peer that failed and is reported %s %s %s has no failure any more',
  async (...reports) => {
    const manager = new ConnectionManager(1, { transport: scripted(), clock: new VirtualClock() })
    await manager.updateStatus('peer', 'Failed', { failure: { code: 'BATTERY_LOW' } })
    for (const status of reports) await manager.updateStatus('peer', status)
    const [peer] = manager.peers()
    expect([peer?.status, peer?.failure]).toEqual(['Disconnected', undefined])
  },
)
