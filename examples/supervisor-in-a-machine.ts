/** An app's own machine that is online or offline: while it is online it runs a supervisor, and leaving takes it all along. */
import { ConnectionManager, createSupervisorLogic } from 'qudag-connections'
import { transitionsOf } from 'qudag-connections/metrics'
import { filter, firstValueFrom } from 'rxjs'
import { createActor, sendTo, setup } from 'xstate'

const app = setup({
  types: {
    events: {} as { type: 'go.online' } | { type: 'go.offline' } | { type: 'talk.to'; peerId: string },
    children: {} as { network: 'network' },
  },
  actors: { network: createSupervisorLogic({ maxConnections: 8 }) },
}).createMachine({
  id: 'app',
  initial: 'offline',
  states: {
    offline: { on: { 'go.online': 'online' } },
    online: {
      invoke: { src: 'network', id: 'network' },
      on: {
        'talk.to': { actions: sendTo('network', ({ event }) => ({ type: 'peer.connect', peerId: event.peerId })) },
        'go.offline': 'offline',
      },
    },
  },
})

// Somebody to talk to, in the same process for the sake of the example.
const hub = new ConnectionManager(8)
const { address } = await hub.listen('tcp://127.0.0.1:0')

const actor = createActor(app).start()
actor.send({ type: 'go.online' })

const { network } = actor.getSnapshot().children
if (network === undefined) throw new Error('the state `online` invokes the network')
network.on('peer.transition', ({ to, reason }) => console.log(`peer.transition: ${to} (${reason})`))
network.on('peer.refused', ({ error }) => console.log(`peer.refused: ${error.message}`))
const connected = firstValueFrom(transitionsOf(network).pipe(filter(({ to }) => to === 'Connected')))
actor.send({ type: 'talk.to', peerId: address.href })
await connected

// The whole face, on the supervisor that the machine has invoked.
const manager = ConnectionManager.from(network)
const connection = await manager.connect(address.href)
connection.send(new TextEncoder().encode('from inside a machine'))
const { data } = await firstValueFrom(hub.messages$)
console.log('the hub got:', new TextDecoder().decode(data))
console.log('connected:', manager.metrics.connections)

network.send({ type: 'peer.disconnect', peerId: address.href })
console.log('after peer.disconnect:', manager.status(address.href), 'pooled:', manager.metrics.pooled)

const hubSawTheEnd = firstValueFrom(hub.transitions$.pipe(filter(({ from }) => from === 'Connected')))
actor.send({ type: 'go.offline' })
console.log('after go.offline:', manager.status(address.href), 'pooled:', manager.metrics.pooled)
console.log('the hub saw it go:', (await hubSawTheEnd).reason)

actor.stop()
await hub.shutdown()
