/** What a node owns falls with its lease, and the node lets go of it first. */
import { describe, expect, test } from 'vitest'
import { cuttable, LEASE_MS, meeting } from './fleet-kit.ts'

const A = 'scripted://a'

describe('session', () => {
  test('an epoch grows with each registration, and a restarted node is a new one', async () => {
    const { add, flush } = meeting()
    const one = add({ name: 'same' })
    await one.node.joined()
    const { id } = one.node.explain()
    await one.manager.shutdown()
    const again = add({ name: 'same' })
    await again.node.joined()
    await flush()
    let nodes: readonly { readonly id: string; readonly name: string }[] = []
    again.node.nodes$.subscribe((now) => (nodes = now)).unsubscribe()
    expect(nodes.map(({ name }) => name)).toEqual(['same'])
    expect(again.node.explain().id).not.toBe(id)
  })

  test('a node that cannot renew closes what it owns before its lease can have ended', async () => {
    const { add, pass, clock, store, flush } = meeting()
    const net = cuttable(store.client())
    const one = add({}, {}, net.store)
    await one.node.joined()
    const connection = await one.manager.connect(A)
    const closed = { at: 0 }
    void connection.closed.then(() => (closed.at = clock.now()))
    await pass(LEASE_MS)
    net.cut = 'hang'
    const from = clock.now()
    while (closed.at === 0 && clock.now() < from + 3 * LEASE_MS) await pass(10)
    await flush()
    expect(closed.at).toBeGreaterThan(from)
    expect(closed.at).toBeLessThan(from + LEASE_MS)
    expect(one.node.explain().state).toBe('lost')
    expect(one.transport.ledger.held).toBe(0)
  })

  test('after a stall of the process the lease is looked at before the first byte is sent', async () => {
    const { add, clock, store, flush } = meeting()
    const one = add({}, {}, store.client())
    await one.node.joined()
    const connection = await one.manager.connect(A)
    connection.send(new Uint8Array([1]))
    const { sentMessages } = one.transport
    // What a process sees that was stopped: time has passed, and no timer has fired.
    clock.leap(LEASE_MS * 2)
    expect(() => connection.send(new Uint8Array([2]))).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
    expect(one.transport.sentMessages).toBe(sentMessages)
    expect(one.transport.ledger.held).toBe(0)
    await flush()
    expect(one.manager.status(A)).toBe('Failed')
  })

  test('a node that has lost its lease registers anew, and connects again what is kept', async () => {
    const { add, pass, store } = meeting()
    const net = cuttable(store.client())
    const one = add({}, {}, net.store)
    await one.node.joined()
    const kept = one.manager.keep(A)
    await kept.connected()
    const before = one.manager.get(A)?.fence ?? 0
    const { id } = one.node.explain()
    net.cut = 'reject'
    await pass(2 * LEASE_MS)
    expect(kept.status).not.toBe('Connected')
    net.cut = 'no'
    await pass(LEASE_MS)
    expect(kept.status).toBe('Connected')
    expect(one.manager.get(A)?.fence).toBeGreaterThan(before)
    expect(one.node.explain().id).not.toBe(id)
  })

  test(`onStoreLost 'keep' keeps the links past the lease, says so, and claims them anew`, async () => {
    const { add, pass, store } = meeting()
    const net = cuttable(store.client())
    const one = add({ onStoreLost: 'keep' }, {}, net.store)
    await one.node.joined()
    const connection = await one.manager.connect(A)
    net.cut = 'reject'
    await pass(3 * LEASE_MS)
    expect(one.manager.status(A)).toBe('Connected')
    expect(one.node.explain().state).toBe('unfenced')
    expect(connection.send(new Uint8Array([1]))).toBe(true)
    net.cut = 'no'
    await pass(LEASE_MS)
    expect(one.node.explain().state).toBe('joined')
    expect(one.manager.status(A)).toBe('Connected')
    expect(await one.node.whereIs(A)).toMatchObject({ node: 'n1' })
  })

  test('after the store has lost its data nothing is granted for one full lease', async () => {
    const { add, pass, clock, store } = meeting()
    const [one, two] = [add({ isNew: false }), add({ isNew: false })]
    await pass(3 * LEASE_MS)
    await one.manager.connect(A)
    store.forget()
    const from = clock.now()
    let claimedAt = 0
    while (claimedAt === 0 && clock.now() < from + 10 * LEASE_MS) {
      await pass(100)
      const connecting = two.manager.connect(A, { signal: AbortSignal.abort() }).catch(() => undefined)
      await connecting
      if ((await two.node.whereIs(A)) !== undefined) break
      const won = await Promise.race([two.manager.connect(A).catch(() => undefined), pass(50).then(() => undefined)])
      if (won !== undefined) claimedAt = clock.now()
    }
    expect(claimedAt - from).toBeGreaterThanOrEqual(LEASE_MS)
    expect(one.manager.status(A)).not.toBe('Connected')
  })

  test('connects wait until the node has registered, reuse goes on while the store is away, and explain says so', async () => {
    const { add, pass, store } = meeting()
    const net = cuttable(store.client())
    const one = add({}, {}, net.store)
    const connection = await one.manager.connect(A)
    await connection.release()
    net.cut = 'reject'
    await pass(LEASE_MS / 2)
    expect(one.node.explain()).toMatchObject({ state: 'store away', storeError: 'unreachable' })
    await expect(one.manager.connect(A)).resolves.toBeDefined()
    await expect(one.manager.connect('scripted://b')).rejects.toMatchObject({ code: 'ERR_STORE' })
    expect(one.manager.explain().fleet?.state).toBe('store away')
  })
})
