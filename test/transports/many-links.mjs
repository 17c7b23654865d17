/**
 * Many real links in this process, to peers in two others: opened, used, pooled, reused, and half of them
 * killed from the other side. Says after each step what the gauges say and what a recount of the peers says.
 * Run as `many-links.mjs tcp 1000` or `many-links.mjs ws 1000`; its peers run as `many-links.mjs ws 1000 peer`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { filter, firstValueFrom, take, toArray } from 'rxjs'
import { ConnectionManager } from 'qudag-connections'

const [, program, scheme, count, role] = process.argv
const LINKS = Number(count)

if (role === 'peer') await echo()
else await hold()

/** Listens at many ports, so that each is a peer of its own, and sends back what it is sent. */
async function echo() {
  const manager = new ConnectionManager(LINKS)
  manager.messages$.subscribe(({ peerId, data }) => manager.get(peerId)?.send(data))
  const listeners = []
  for (let i = 0; i < LINKS / 2; i++) listeners.push(await manager.listen(`${scheme}://127.0.0.1:0`))
  process.send(listeners.map(({ address }) => address.href))
  await once(process, 'disconnect')
  await manager.shutdown()
}

async function hold() {
  const peers = [fork(program, [scheme, count, 'peer']), fork(program, [scheme, count, 'peer'])]
  const [survivors, victims] = await Promise.all(peers.map(async (peer) => (await once(peer, 'message'))[0]))
  const addresses = [...survivors, ...victims]
  const manager = new ConnectionManager(LINKS)
  const say = (step) => {
    const recount = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0, pooled: 0 }
    for (const { status, pooled } of manager.peers()) {
      recount[status]++
      if (pooled) recount.pooled++
    }
    const { byStatus, pooled, connections, pool, dials } = manager.metrics
    console.log(JSON.stringify({ step, gauges: { ...byStatus, pooled }, recount, connections, pool, dials }))
  }

  const opened = await Promise.all(addresses.map((address) => manager.connect(address)))
  say('opened')

  // The first message of each may be echoed while others are still being sent: whoever reads first gets them all.
  const echoes = opened.map(async (connection) => (await connection[Symbol.asyncIterator]().next()).value[0])
  opened.forEach((connection, i) => connection.send(Uint8Array.of(i % 256)))
  const answers = await Promise.all(echoes)
  if (answers.some((answer, i) => answer !== i % 256)) throw new Error('an echo went astray')
  say('used')

  await Promise.all(opened.map((connection) => connection.release()))
  say('pooled')

  await Promise.all(addresses.map((address) => manager.connect(address)))
  say('reused')

  const lost = firstValueFrom(
    manager.transitions$.pipe(
      filter(({ to }) => to === 'Failed'),
      take(victims.length),
      toArray(),
    ),
  )
  peers[1].kill('SIGKILL')
  const failures = await lost
  say('killed')
  console.log(JSON.stringify({ step: 'causes', causes: [...new Set(failures.map(({ reason, failure }) => `${reason} ${failure.code}`))] }))

  console.log(JSON.stringify({ step: 'shutdown', report: await manager.shutdown() }))
  say('over')
  peers[0].disconnect()
}
