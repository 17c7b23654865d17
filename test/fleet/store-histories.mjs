/** Histories of calls, generated, and driven into a store and a small model side by side. */
import fc from 'fast-check'

const KEYS = ['a', 'a/1', 'a/2', 'b']
const key = fc.constantFrom(...KEYS)
const store = fc.constantFrom(0, 1)
const lease = fc.option(fc.nat({ max: 3 }), { nil: undefined, freq: 2 })
const condition = fc.record({ key, as: fc.constantFrom('now', 'now', 'now', 'absent', 'before') })
const change = fc.record({ key, value: fc.option(fc.string({ maxLength: 4, unit: 'grapheme' }), { nil: undefined, freq: 3 }), lease })

/** A history: plain data, which names keys, and leases by the order of their grants. */
export const histories = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        call: fc.constant('write'),
        store,
        conditions: fc.array(condition, { maxLength: 3 }),
        changes: fc.uniqueArray(change, { maxLength: 4, selector: (one) => one.key }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ call: fc.constant('get'), store, key }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('list'), store, below: fc.constantFrom('', 'a', 'a/', 'b/') }) },
    { weight: 2, arbitrary: fc.record({ call: fc.constant('grant'), store }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('renew'), store, lease: fc.nat({ max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('revoke'), store, lease: fc.nat({ max: 3 }) }) },
  ),
  { maxLength: 30 },
)

/** A lease that nobody was granted. */
const NO_LEASE = '4'
const LONG_MS = 600_000

/** What a store should hold. */
class Model {
  entries = new Map()
  leases = []
  ended = new Set()
  revision = 0

  leaseOf(index) {
    return index === undefined ? undefined : (this.leases[index] ?? NO_LEASE)
  }

  isEnded(name) {
    return name !== undefined && (name === NO_LEASE || this.ended.has(name))
  }

  revisionOf(name, as) {
    const now = this.entries.get(name)?.revision ?? 0
    if (as === 'absent') return 0
    return as === 'now' ? now : Math.max(0, now - 1)
  }

  list(below) {
    return [...this.entries.values()].filter((entry) => entry.key.startsWith(below)).toSorted((a, b) => (a.key < b.key ? -1 : 1))
  }
}

/**
 * Drives a history into two clients of a store, below a prefix that nobody else uses.
 *
 * @throws {Error} where the store says another thing than the model
 */
export async function drive(stores, prefix, history) {
  const model = new Model()
  const told = new Map()
  let losses = 0
  const stop = stores[1].watch(prefix, (event) => {
    if (event.type === 'lost') losses++
    else if (event.type === 'delete') told.delete(event.key)
    else told.set(event.entry.key, event.entry)
  })
  try {
    await until(() => losses === 1)
    for (const step of history) await STEPS[step.call](stores[step.store], prefix, model, step)
    for (const name of model.leases) await stores[0].renew(name)
    await STEPS.write(stores[0], prefix, model, { conditions: [], changes: [{ key: 'end', value: '' }] })
    await until(() => told.has(`${prefix}end`))
    same(losses, 1, 'the losses of a watch that missed nothing')
    same(
      [...told.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      model.list(''),
      'what a watch was told',
    )
  } finally {
    stop()
    for (const name of model.leases) await stores[0].revoke(name)
  }
}

const STEPS = {
  async write(store_, prefix, model, { conditions, changes }) {
    const asked = conditions.map(({ key: name, as }) => ({ key: prefix + name, revision: model.revisionOf(prefix + name, as) }))
    const given = changes.map(({ key: name, value, lease: index }) => {
      if (value === undefined) return { type: 'delete', key: prefix + name }
      const held = model.leaseOf(index)
      return { type: 'put', key: prefix + name, value, ...(held === undefined ? {} : { lease: held }) }
    })
    const holds = asked.every((one) => (model.entries.get(one.key)?.revision ?? 0) === one.revision)
    const leaseEnded = given.some((one) => model.isEnded(one.lease))
    const write = await store_.write(asked, given)
    same(write.done, holds && !leaseEnded, `whether a write is done of ${JSON.stringify([asked, given])}`)
    if (!write.done) {
      const found = [...new Set(asked.map((one) => one.key))].flatMap((name) => model.entries.get(name) ?? [])
      same(
        write.found.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
        found.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
        'what a refused write found',
      )
      if (holds) same(write.leaseEnded, true, 'leaseEnded')
      return
    }
    const isChange = given.some((one) => one.type === 'put' || model.entries.has(one.key))
    if (isChange && !(write.revision > model.revision)) throw new Error(`revision ${write.revision} after ${model.revision}`)
    model.revision = Math.max(model.revision, write.revision)
    for (const one of given) {
      if (one.type === 'delete') model.entries.delete(one.key)
      else model.entries.set(one.key, { key: one.key, value: one.value, revision: write.revision, lease: one.lease })
    }
  },
  async get(store_, prefix, model, { key: name }) {
    same(await store_.get(prefix + name), model.entries.get(prefix + name), `what stands at ${name}`)
  },
  async list(store_, prefix, model, { below }) {
    same(await store_.list(prefix + below), model.list(prefix + below), `what stands below '${below}'`)
  },
  async grant(store_, _prefix, model) {
    if (model.leases.length < 4) model.leases.push(await store_.grant(LONG_MS))
  },
  async renew(store_, _prefix, model, { lease: index }) {
    const name = model.leaseOf(index)
    same(await store_.renew(name), !model.isEnded(name), 'a renewal')
  },
  async revoke(store_, _prefix, model, { lease: index }) {
    const name = model.leaseOf(index)
    await store_.revoke(name)
    model.ended.add(name)
    for (const entry of model.entries.values()) if (entry.lease === name) model.entries.delete(entry.key)
  },
}

function same(is, should, what) {
  const shown = (value) =>
    JSON.stringify(value, (_name, part) => (part?.revision === undefined ? part : [part.key, part.value, part.revision, part.lease])) ??
    'nothing'
  if (shown(is) !== shown(should)) throw new Error(`${what}: the store says ${shown(is)}, the model ${shown(should)}`)
}

/** What others bring about: the test's own limit bounds it. */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => void setImmediate(resolve))
}
