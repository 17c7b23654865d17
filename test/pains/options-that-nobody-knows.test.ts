/** An option that is misspelt is refused by its name, wherever it is given. */
import { Observable } from 'rxjs'
import { afterEach, expect, test } from 'vitest'
import { serveConsole } from '../../src/console/index.ts'
import { ConnectionManager } from '../../src/index.ts'
import { alerts } from '../../src/metrics/index.ts'
import { faultProxy } from '../../src/testing/fault-proxy.ts'
import { scripted } from '../../src/testing/index.ts'
import { memory } from '../../src/transports/memory.ts'
import { tcp } from '../../src/transports/tcp.ts'
import { websocket } from '../../src/transports/websocket.ts'

const managers: ConnectionManager[] = []
function made(options: object = {}): ConnectionManager {
  const manager = new ConnectionManager(4, { transport: scripted(), ...options })
  managers.push(manager)
  return manager
}
afterEach(() => Promise.all(managers.splice(0).map((manager) => manager.shutdown())))

test.each([
  ['the manager', { admision: 'evict' }, "unknown option 'admision'; did you mean 'admission'?"],
  ['limits', { limits: { perhost: 3 } }, "unknown option 'limits.perhost'; did you mean 'limits.perHost'?"],
  ['rate', { rate: { perSeconds: 3 } }, "unknown option 'rate.perSeconds'; did you mean 'rate.perSecond'?"],
  ['reconnect', { reconnect: { atempts: 3 } }, "unknown option 'reconnect.atempts'; did you mean 'reconnect.attempts'?"],
  ['breaker', { breaker: { failure: 3 } }, "unknown option 'breaker.failure'; did you mean 'breaker.failures'?"],
  ['heartbeat', { heartbeat: { idelMs: 3 } }, "unknown option 'heartbeat.idelMs'; did you mean 'heartbeat.idleMs'?"],
  ['metrics', { metrics: { sampelMs: 3 } }, "unknown option 'metrics.sampelMs'; did you mean 'metrics.sampleMs'?"],
  ['a name that is a part of another', { poolTimeout: 3 }, "unknown option 'poolTimeout'; did you mean 'poolTimeoutMs'?"],
])('an unknown option of %s is refused by name', (_, options, words) => {
  expect(() => made(options)).toThrow(new TypeError(words))
})

test('an unknown option of a call is refused by name, and changes nothing', async () => {
  const manager = made()
  expect(() => manager.setLimits({ nope: 1 } as object)).toThrow(/^unknown option 'nope'/)
  expect(() => manager.tag('a', 'x', 1, { ttl: 3 } as object)).toThrow("unknown option 'ttl'; did you mean 'ttlMs'?")
  expect(() => manager.recordMessage('a', { byte: 3 } as object)).toThrow("did you mean 'bytes'?")
  await expect(manager.connect('a', { keeps: true } as object)).rejects.toThrow("unknown option 'keeps'; did you mean 'keep'?")
  await expect(manager.disconnect('a', { pol: true } as object)).rejects.toThrow("did you mean 'pool'?")
  await expect(manager.updateStatus('a', 'Failed', { failur: {} } as object)).rejects.toThrow("did you mean 'failure'?")
  await expect(manager.shutdown({ timeout: 1 } as object)).rejects.toThrow("did you mean 'timeoutMs'?")
  expect([...manager.peers()]).toEqual([])
})

test('an unknown option of what stands beside the manager is refused by name', async () => {
  expect(() => tcp({ maxFrameByte: 1 } as object)).toThrow("did you mean 'maxFrameBytes'?")
  expect(() => memory({ networks: 1 } as object)).toThrow("did you mean 'network'?")
  expect(() => websocket({ header: {} } as object)).toThrow("did you mean 'headers'?")
  expect(() => scripted({ autoOpne: true } as object)).toThrow("did you mean 'autoOpen'?")
  await expect(serveConsole(made(), { alowSend: true } as object)).rejects.toThrow("did you mean 'allowSend'?")
  await expect(faultProxy('tcp://127.0.0.1:1', { shedule: [] } as object)).rejects.toThrow("did you mean 'schedule'?")
  const rule = { name: 'full', value: 'connections', above: 1, form: 3 } as const
  expect(() => alerts(new Observable(), [rule as never])).toThrow("unknown option 'rules[0].form'; did you mean 'rules[0].forMs'?")
})

test('a known option that is undefined is as one left out', () => {
  const options = { admission: undefined, limits: { perHost: undefined }, metrics: undefined }
  expect(() => made(options)).not.toThrow()
})
