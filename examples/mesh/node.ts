/** One node of a mesh: it knows where the others are, and keeps every one of them. */
import { once } from 'node:events'
import { ConnectionManager, type Transport } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { combineLatest } from 'rxjs'

/** Runs a node until it is told to end, or whoever started it is gone. */
export async function runNode(name: string, addresses: Readonly<Record<string, string>>): Promise<void> {
  const say = (what: string): void => console.log(`${Date.now()} ${name} ${what}`)
  const { [name]: own = '', ...others } = addresses
  const count = Object.keys(others).length
  const manager = new ConnectionManager(10 * count, {
    transport: own.startsWith('ws:') ? proving(name) : tcp(),
    // A node that is away is tried at least once a second, for as long as it takes: there are few, and all of them matter.
    reconnect: { baseMs: 100, maxMs: 1_000 },
    breaker: false,
  })
  await manager.listen(own)
  say('listens')

  manager.messages$.subscribe(({ data }) => say(`hears ${new TextDecoder().decode(data)}`))
  const kept = Object.entries(others).map(([peerId, address]) => manager.keep(peerId, { address }))
  for (const peer of kept) {
    peer.status$.subscribe((status) => {
      if (status === 'Connected') peer.send(new TextEncoder().encode(name))
    })
  }
  let said = ''
  const tell = (): void => {
    const connected = kept.filter(({ status }) => status === 'Connected').length
    const text = `${connected === count ? 'is whole' : 'has a gap'}: ${connected} of ${count} peers, ${manager.metrics.connections} links`
    if (text !== said) say((said = text))
  }
  combineLatest(kept.map(({ status$ }) => status$)).subscribe(tell)
  manager.transitions$.subscribe(tell)

  await Promise.race([once(process, 'SIGTERM'), once(process, 'disconnect')])
  await manager.shutdown()
  process.disconnect?.()
}

/**
 * Proves who we are, so that two nodes which dial each other have one link. The secret here is one of all nodes, and the
 * name is taken from whoever knows it; a real mesh would use a token for each, over `wss:`.
 */
function proving(name: string): Transport {
  const secret = process.env['MESH_SECRET'] ?? 'for trying out only'
  return websocket({
    localPeerId: name,
    headers: { authorization: `Bearer ${secret}`, 'x-node': name },
    authorize: ({ headers }) => headers.authorization === `Bearer ${secret}` && { peerId: String(headers['x-node']) },
  })
}
