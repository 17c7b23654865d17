/** A process with prom-client and its successor: what both print of one manager. */
import { createRequire } from 'node:module'
import { ConnectionManager } from 'qudag-connections'
import { collect } from 'qudag-connections/prometheus'
import { flush, scripted } from 'qudag-connections/testing'

const require = createRequire(import.meta.url)
const successor = require('@prometheus-io/client')
const { Registry } = require('prom-client')

const transport = scripted({ autoOpen: true, autoClose: 'sync', proveIds: true })
const manager = new ConnectionManager(2, { transport, resolve: (peerId) => `scripted://${peerId}` })
const theirs = new successor.Registry()
const openMetrics = new successor.Registry(successor.Registry.OPENMETRICS_CONTENT_TYPE)
const before = new Registry()
for (const register of [theirs, openMetrics, before]) {
  register.setDefaultLabels({ zone: 'a' })
  collect(manager, { register, manager: 'edge' })
}
await (await manager.connect('ann')).release()
const [text, open, json, earlier] = await Promise.all([
  theirs.metrics(),
  openMetrics.metrics(),
  theirs.getMetricsAsJSON('sum'),
  before.metrics(),
])
await manager.shutdown()
await flush()
const after = theirs.getMetricsAsArray().length
console.log(JSON.stringify({ text, open, json: json.map(({ name }) => name), earlier, after }))
