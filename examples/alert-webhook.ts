/** Somebody outside should know when a manager is nearly full: a webhook is told, and checks who tells it. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ConnectionManager, type Connection } from 'qudag-connections'
import { alertWebhook } from 'qudag-connections/alerting'
import { alerts } from 'qudag-connections/metrics'
import { filter, firstValueFrom, share } from 'rxjs'

// The other end: a chat, a pager, a function in a cloud. Here it is down at first.
const secret = `whsec_${Buffer.from('a secret of both').toString('base64')}`
let asked = 0
const receiver = createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1')

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  const header = (name: string) => String(request.headers[name])
  const second = header('webhook-timestamp')
  const signed = `${header('webhook-id')}.${second}.${body}`
  const mac = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(signed)
    .digest('base64')
  const [expected, given] = [Buffer.from(`v1,${mac}`), Buffer.from(header('webhook-signature'))]
  const isOurs = expected.length === given.length && timingSafeEqual(expected, given) && Math.abs(Date.now() / 1_000 - Number(second)) < 300
  const isDown = asked++ === 0
  const { type, data } = JSON.parse(body) as { type: string; data: { cause: string } }
  if (isDown) console.log('the receiver is down')
  else if (isOurs) console.log(type, data.cause)
  response.writeHead(isDown ? 503 : isOurs ? 204 : 401).end()
}
await once(receiver, 'listening')

const hub = new ConnectionManager(10)
const { address } = await hub.listen('tcp://127.0.0.1:0')
const manager = new ConnectionManager(5, { resolve: () => address, metrics: { sampleMs: 20 } })
const rules = [{ name: 'nearly full', value: ({ connections, limit }: typeof manager.metrics) => connections / limit, above: 0.8 }]
const alerts$ = alerts(manager.metrics$, rules).pipe(share())
const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
const webhook = alertWebhook(alerts$, { url, secret, baseMs: 100 })
const next = (state: 'raised' | 'cleared') => firstValueFrom(alerts$.pipe(filter((alert) => alert.state === state)))

const raised = next('raised')
const held: Connection[] = []
for (const name of ['ann', 'ben', 'cleo', 'dan', 'eve']) held.push(await manager.connect(name))
await raised

const cleared = next('cleared')
// One alone: while more are closed, a sample may come after any of them.
await held.pop()?.close()
await cleared
await webhook.settled()

console.log(`told ${webhook.delivered}, given up ${webhook.dropped}`)
webhook.end()
await manager.shutdown()
await hub.shutdown()
receiver.close()
receiver.closeAllConnections()
