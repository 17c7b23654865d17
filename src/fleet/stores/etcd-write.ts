/** A write to an etcd: one transaction that is done once, however often it is sent, and what its answer says. */
import type { StoreChange, StoreCondition } from '../store.ts'
import { decoded, encoded, type EtcdAnswer, type EtcdKv } from './etcd-gateway.ts'
import type { EtcdLife } from './etcd-life.ts'
import type { NonceSlot } from './etcd-nonces.ts'

const DONE = 'done'
const REFUSED = 'refused'

/** The conditions: the nonce was not used, and each key is as it is expected. */
export function writeConditions(
  slot: NonceSlot,
  conditions: readonly StoreCondition[],
  root: string,
  { base }: EtcdLife,
): readonly object[] {
  return [
    unused(slot),
    ...conditions.map(({ key, revision }) => ({
      key: encoded(root + key),
      target: 'MOD',
      result: 'EQUAL',
      // A revision of a life before this one is none of etcd's.
      mod_revision: revision === 0 ? '0' : String(revision > base ? revision - base : -1),
    })),
  ]
}

/** What is done if they hold. */
export function successOps(slot: NonceSlot, changes: readonly StoreChange[], root: string): readonly object[] {
  return [
    use(slot, DONE),
    ...changes.map((change) => {
      const key = encoded(root + change.key)
      if (change.type === 'delete') return { request_delete_range: { key } }
      return { request_put: { key, value: encoded(change.value), ...(change.lease === undefined ? {} : { lease: change.lease }) } }
    }),
  ]
}

/**
 * What is asked if they do not. When an earlier attempt may be on its way yet, the nonce is used up, so that it is not done after
 * it was refused here.
 */
export function failureOps(slot: NonceSlot, conditions: readonly StoreCondition[], root: string, isRetry: boolean): readonly object[] {
  const keys = new Set(conditions.map(({ key }) => key))
  return [
    { request_range: { key: encoded(slot.key) } },
    ...Array.from(keys, (key) => ({ request_range: { key: encoded(root + key) } })),
    ...(isRetry ? [{ request_txn: { compare: [unused(slot)], success: [use(slot, REFUSED)] } }] : []),
  ]
}

/** What became of it, and of the slot: `done` is etcd's revision; undefined: the slot is gone, and nothing was done. */
export function writeOutcome(
  answer: EtcdAnswer,
  slot: NonceSlot,
): { readonly done?: number; readonly found: readonly EtcdKv[] } | undefined {
  if (answer.succeeded === true) {
    slot.version++
    return { done: Number(answer.header?.revision), found: [] }
  }
  const [used, ...others] = (answer.responses ?? []).map((response) => response.response_range?.kvs ?? [])
  const found = others.flat()
  const kv = used?.[0]
  const version = Number(kv?.version ?? 0)
  if (version < slot.version) return undefined
  if (version > slot.version) {
    slot.version = version
    if (decoded(kv?.value) === DONE) return { done: Number(kv?.mod_revision), found }
    return { found }
  }
  // Only a retry has used it up by being refused; the nested answer says so.
  if ((answer.responses ?? []).some((response) => 'response_txn' in response)) slot.version++
  return { found }
}

function unused({ key, version }: NonceSlot): object {
  return { key: encoded(key), target: 'VERSION', result: 'EQUAL', version: String(version) }
}

function use({ key, lease }: NonceSlot, value: string): object {
  return { request_put: { key: encoded(key), value: encoded(value), lease } }
}
