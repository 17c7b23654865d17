import { afterEach, describe, expect, test } from 'vitest'
import { ConnectionManager, type ConnectionError, type ManagerOptions } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'

const managers: ConnectionManager[] = []
afterEach(async () => {
  await Promise.all(managers.splice(0).map((manager) => manager.shutdown({ timeoutMs: 500 })))
})

function managerOf(options: ManagerOptions = {}): ConnectionManager {
  const manager = new ConnectionManager(10, options)
  managers.push(manager)
  return manager
}

function failureOf(promise: Promise<unknown>): Promise<ConnectionError> {
  return promise.then(
    () => expect.fail('it went through'),
    (error: ConnectionError) => error,
  )
}

describe.each([
  ['tcp', 'tcp://0.0.0.0:0'],
  ['ws', 'ws://0.0.0.0:0'],
])('%s: deny 127.0.0.0/8', (scheme, place) => {
  test.each(['localhost', 'LOCALHOST', '0.0.0.0', '[::]', '[::ffff:127.0.0.1]', '[::ffff:0.0.0.0]', '0x7f.1', '127.1', '2130706433', '0'])(
    '%s does not come through, and nothing is connected to',
    async (host) => {
      const victim = managerOf()
      const listener = await victim.listen(place)
      const { code } = await failureOf(managerOf({ deny: ['127.0.0.0/8', '::1'] }).connect(`${scheme}://${host}:${listener.address.port}/`))
      expect(code).toBe('ERR_DENIED')
      expect(victim.metrics.inbound).toEqual({ accepted: 0, rejected: 0 })
    },
  )

  test('a name that leads to a denied address and to another one is dialled at the other one', async () => {
    const victim = managerOf()
    const listener = await victim.listen(place.replace('0.0.0.0', '127.0.0.1'))
    const where = `${scheme}://localhost:${listener.address.port}/`
    const connection = await managerOf({ deny: ['::1'] }).connect(where)
    expect(connection.remoteAddress).toMatch(new RegExp(`^${scheme}://127\\.0\\.0\\.1:${listener.address.port}/?$`))
  })

  test('a dialled link says the address that it has, not the one it was called by', async () => {
    const listener = await managerOf().listen(`${place.replace('0.0.0.0', '127.0.0.1')}/`)
    for (const host of ['localhost', '0.0.0.0', '127.1']) {
      const connection = await managerOf().connect(`${scheme}://${host}:${listener.address.port}/`)
      expect(connection.remoteAddress).toMatch(new RegExp(`^${scheme}://127\\.0\\.0\\.1:${listener.address.port}/?$`))
    }
  })
})

describe('what a failed dial says', () => {
  const messageOf = async (address: string): Promise<string> =>
    (await failureOf(managerOf({ transport: [tcp(), websocket()] }).connect('p', { addresses: [address] }))).message

  test.each(['tcp', 'ws'])('%s: localhost that is refused names each address that was tried', async (scheme) => {
    const listener = await managerOf().listen('tcp://127.0.0.1:0')
    await listener.close()
    const { port } = listener.address
    const message = await messageOf(`${scheme}://localhost:${port}`)
    expect(message).toContain(`ECONNREFUSED 127.0.0.1:${port}`)
    expect(message).not.toContain('AggregateError')
    expect(message).toMatch(/is it running and reachable\?$/)
  })

  test.each([
    ['tcp://127.0.0.1:99999', /the port 99999 is above 65535/],
    ['tcp://127.0.0.1:abc', /the port 'abc' is no number/],
    ['tcp://[fe80::1%eth0]:1', /zone id \('%eth0'\)/],
    ['tcp://127.0.0.1', /needs a host and a port/],
    ['ws://127.0.0.1:0', /needs a port other than 0/],
    ['tcp://[::1:7000', /a '\]' is missing/],
    ['tcp://::1:7000', /stands in brackets/],
    ['ws://', /names no host/],
    ['127.0.0.1', /has no scheme/],
  ])('%s: what is wrong with it, and no question that is not the question', async (address, words) => {
    const message = await messageOf(address)
    expect(message).toMatch(words)
    expect(message).not.toMatch(/running and reachable/)
  })

  test('a server that answers is running and reachable', async () => {
    const listener = await managerOf({ deny: ['127.0.0.1'] }).listen('ws://127.0.0.1:0')
    const message = await messageOf(listener.address.href)
    expect(message).toMatch(/HTTP status 403/)
    expect(message).not.toMatch(/running and reachable/)
  })
})
