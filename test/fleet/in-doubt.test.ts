/** What a call leaves behind whose answer never came, or that came too late: nothing of it stays. */
import type { FleetStore, StoreEvent } from 'qudag-connections/fleet'
import { describe, expect, test } from 'vitest'
import { bent, LEASE_MS, meeting, noAnswer } from './fleet-kit.ts'

const A = 'scripted://a'

/** Something that a test waits for, and ends. */
function gate(): { readonly passed: Promise<void>; pass(): void } {
  let pass = (): void => {}
  const passed = new Promise<void>((resolve) => (pass = resolve))
  return { passed, pass: () => pass() }
}

describe('permits in doubt', () => {
  test('a permit that was given back in a write that was lost is not lost to the fleet', async () => {
    const { add, pass, store } = meeting()
    let isLosing = false
    const losing = bent(store.client(), ({ method, key, ask }) => {
      if (!isLosing || method !== 'write' || !key.endsWith('/permits')) return ask()
      isLosing = false
      return noAnswer()
    })
    const [one, two] = [add({ limit: 8, block: 8 }, {}, losing), add({ limit: 8, block: 8 })]
    await Promise.all([one.node.joined(), two.node.joined()])
    await pass(10)
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map((i) => one.manager.connect(`scripted://${i}`)))
    isLosing = true
    await Promise.all([two.manager.connect('scripted://x').catch(() => undefined), pass(1_000)])
    expect(isLosing).toBe(false)
    await pass(LEASE_MS)
    await Promise.all([expect(two.manager.connect('scripted://x')).resolves.toBeDefined(), pass(1_000)])
  })

  test('a node that could not tell what it wants tells it again', async () => {
    const { add, pass, store } = meeting()
    let lost = 0
    const losing = bent(store.client(), ({ method, key, ask }) =>
      method === 'write' && key.includes('/want/') && lost++ === 0 ? noAnswer() : ask(),
    )
    const [one, two] = [add({ limit: 8, block: 8 }), add({ limit: 8, block: 8 }, {}, losing)]
    await Promise.all([one.node.joined(), two.node.joined()])
    await pass(10)
    two.manager.keep(A)
    await pass(LEASE_MS)
    expect(lost).toBeGreaterThan(1)
    expect(two.manager.status(A)).toBe('Connected')
  })

  test('a node that could not list what others want, when its watch had missed it, lists it again', async () => {
    const { add, pass, store } = meeting()
    let isDeaf = false
    let tell: (event: StoreEvent) => void = () => {}
    const watch: FleetStore['watch'] = (prefix, listener) => {
      if (prefix.endsWith('/want/')) tell = listener
      return store.watch(prefix, (event) => {
        if (!isDeaf) listener(event)
      })
    }
    const deaf = bent(store, ({ method, key, ask }) => (isDeaf && method === 'list' && key.endsWith('/want/') ? noAnswer() : ask()), watch)
    const [one, two] = [add({ limit: 8, block: 8 }, {}, deaf), add({ limit: 8, block: 8 })]
    await Promise.all([one.node.joined(), two.node.joined()])
    await pass(10)
    isDeaf = true
    two.manager.keep(A)
    await pass(100)
    tell({ type: 'lost' })
    await pass(100)
    isDeaf = false
    expect(two.manager.status(A)).not.toBe('Connected')
    await pass(LEASE_MS)
    expect(two.manager.status(A)).toBe('Connected')
  })

  test('permits that were taken in data that is lost are given to nobody else before that is known', async () => {
    const { add, pass, store } = meeting()
    let life = 'one'
    const failingOver = bent(store.client(), ({ method, ask }) => (method === 'life' ? Promise.resolve(life) : ask()))
    const [one, two] = [add({ limit: 8, block: 8 }, {}, failingOver), add({ limit: 8, block: 8 }, {}, failingOver)]
    await Promise.all([one.node.joined(), two.node.joined()])
    await pass(10)
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((i) => one.manager.connect(`scripted://${i}`)))
    // A replica is the master now, and lacks the last write.
    life = 'two'
    await store.write([], [{ type: 'put', key: 'fleet/fleet/permits', value: '{}' }])
    void two.manager.connect('scripted://x').catch(() => {})
    for (let passed = 0; passed < 3 * LEASE_MS; passed += 10) {
      await pass(10)
      expect(one.transport.ledger.held + two.transport.ledger.held).toBeLessThanOrEqual(8)
    }
  })
})

describe('a registration in doubt', () => {
  test('a node is one node, though the store did not answer in the middle of its registration', async () => {
    for (const lost of ['/quarantine', '/node/']) {
      const { add, pass, store } = meeting()
      const losses: string[] = []
      const losing = bent(store.client(), async ({ method, key, ask }) => {
        const isLost = losses.length === 0 && (key.endsWith(lost) || (method === 'write' && key.includes(lost)))
        const answer = ask()
        if (!isLost || method === 'list') return answer
        losses.push(key)
        await answer
        return noAnswer()
      })
      const one = add({}, {}, losing)
      await Promise.all([one.node.joined(), pass(LEASE_MS / 2)])
      expect(losses).toHaveLength(1)
      expect(await store.list('fleet/fleet/node/')).toHaveLength(1)
    }
  })

  test('a shutdown in the middle of a registration waits for no store that hears its signal, and is no fault', async () => {
    const { add, pass, store } = meeting()
    const faults: unknown[] = []
    const hanging = bent(store.client(), ({ method, args, ask }) => {
      const signal = args.at(-1)
      if (method !== 'life') return ask()
      return new Promise((_, reject) => {
        if (signal instanceof AbortSignal) signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    })
    const one = add({}, { onError: (error) => faults.push(error) }, hanging)
    await pass(10)
    const ended = one.manager.shutdown().then(() => 'ended')
    expect(await Promise.race([ended, pass(10).then(() => 'waiting')])).toBe('ended')
    expect(faults).toEqual([])
  })
})

describe('claims in doubt', () => {
  test('a claim that was taken from its node before it was answered is not believed', async () => {
    const { add, pass, flush, store } = meeting()
    const held = gate()
    const slow = bent(store.client(), async ({ method, key, ask }) => {
      const answer = await ask()
      if (method === 'write' && key.includes('/own/')) await held.passed
      return answer
    })
    const [one, two] = [add({}, {}, slow), add()]
    await Promise.all([one.node.joined(), two.node.joined()])
    await two.manager.listen('scripted://here')
    const connecting = one.manager.connect(A).catch((error: { code: string }) => error.code)
    await flush()
    two.transport.arrive({ remotePeerId: A })
    await pass(10)
    expect(two.manager.status(A)).toBe('Connected')
    held.pass()
    expect(await connecting).toBe('ERR_OWNED_ELSEWHERE')
    expect(one.transport.ledger.dials).toBe(0)
  })

  test('a node hears that a peer was taken from it, though the taker left before it listened', async () => {
    const { add, pass, flush, store } = meeting()
    let isDeaf = false
    const watch: FleetStore['watch'] = (prefix, listener) =>
      store.watch(prefix, (event) => {
        if (!isDeaf) listener(event)
      })
    const deaf = bent(store, ({ ask }) => ask(), watch)
    const [one, two] = [add({}, {}, deaf), add()]
    await Promise.all([one.node.joined(), two.node.joined()])
    await two.manager.listen('scripted://here')
    await one.manager.connect(A)
    isDeaf = true
    two.transport.arrive({ remotePeerId: A })
    await flush()
    expect(one.manager.status(A)).toBe('Connected')
    await two.manager.shutdown()
    isDeaf = false
    await pass(LEASE_MS)
    expect(one.manager.status(A)).not.toBe('Connected')
    expect(one.manager.explain(A)?.failure?.code).toBe('ERR_OWNED_ELSEWHERE')
  })

  test('a peer that is kept no longer is not kept in the store, though the write that said it was kept had no answer', async () => {
    const { add, pass, store } = meeting()
    let lost = 0
    const losing = bent(store.client(), async ({ method, key, ask }) => {
      const answer = await ask()
      return method === 'write' && key.includes('/kept/') && lost++ === 0 ? noAnswer() : answer
    })
    const one = add({}, {}, losing)
    await one.node.joined()
    await one.manager.connect(A)
    const kept = one.manager.keep(A)
    // Looked at once in a third of the lease.
    await pass(LEASE_MS / 3 + 10)
    expect([lost, one.manager.explain(A)?.kept]).toEqual([1, true])
    await kept.release()
    await pass(LEASE_MS)
    expect([one.manager.status(A), one.manager.explain(A)?.kept]).toEqual(['Connected', false])
    expect((await store.list('fleet/fleet/kept/')).map(({ key }) => key)).toEqual([])
  })
})

test('a node that left while the nodes were being listed is not seen again', async () => {
  const { add, pass, flush, store } = meeting()
  const held = gate()
  let isHeld = false
  const slow = bent(store.client(), async ({ method, key, ask }) => {
    const answer = await ask()
    if (isHeld && method === 'list' && key.endsWith('/node/')) await held.passed
    return answer
  })
  const [one, two] = [add({}, {}, slow), add()]
  await Promise.all([one.node.joined(), two.node.joined()])
  await flush()
  expect(one.node.explain().nodes).toBe(2)
  isHeld = true
  await pass(LEASE_MS / 3 + 1)
  await two.manager.shutdown()
  await flush()
  expect(one.node.explain().nodes).toBe(1)
  isHeld = false
  held.pass()
  await flush()
  expect(one.node.explain().nodes).toBe(1)
})
