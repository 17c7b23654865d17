/** Deny wins, allow lets in those that it names and nobody else, and a mistake in either is told. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp } from '../../machines/domain/ip.ts'
import { accessOf, readAccessList, type AccessList } from '../../machines/policy/access.ts'

const entries = fc.oneof(
  fc.constantFrom('alice', 'bob', 'tcp://192.0.2.1:7', '12345', 'a.b', 'scripted://a'),
  fc.constantFrom('192.0.2.1', '192.0.2.0/24', '2001:db8::/32', '::ffff:192.0.2.9'),
)
const lists = fc.array(entries, { maxLength: 4 })
const peers = fc.constantFrom('alice', 'bob', 'carol', undefined)
const addresses = fc.constantFrom('192.0.2.1', '192.0.2.9', '192.0.3.1', '2001:db8::1', '2001:db9::1', undefined)

function list(given: readonly string[]): AccessList {
  const read = readAccessList(given)
  if (typeof read === 'string') throw new Error(`'${read}' is wrong`)
  return read
}

function access(allow: readonly string[], deny: readonly string[], peerId: string | undefined, address: string | undefined): string {
  return accessOf({ allow: list(allow), deny: list(deny) }, peerId, address === undefined ? undefined : parseIp(address))
}

describe('accessOf', () => {
  test('deny wins, whatever is allowed', () => {
    fc.assert(
      fc.property(lists, lists, peers, addresses, (allow, deny, peerId, address) => {
        const isDenied = access(deny, [], peerId, address) === 'allowed'
        expect(access(allow, deny, peerId, address) === 'denied').toBe(isDenied)
      }),
    )
  })

  test('an allow entry lets in whom it names, and not everyone', () => {
    fc.assert(
      fc.property(lists, peers, addresses, (allow, peerId, address) => {
        const one = allow.some((entry) => access([entry], [], peerId, address) === 'allowed')
        expect(access(allow, [], peerId, address)).toBe(one ? 'allowed' : 'neutral')
      }),
    )
    expect(access(['alice'], [], 'carol', '192.0.3.1')).toBe('neutral')
    expect(access([], [], 'alice', '192.0.2.1')).toBe('neutral')
  })

  test('an address is matched by its value, however it was written', () => {
    expect(access([], ['192.0.2.1'], undefined, '::ffff:c000:201')).toBe('denied')
    expect(access([], ['::ffff:192.0.2.0/120'], undefined, '192.0.2.77')).toBe('denied')
  })
})

describe('readAccessList', () => {
  test('names the entry that was meant as an address and is none', () => {
    for (const wrong of ['10.0.0.0/33', '10.0.0/8', '1.2.3.256', '1.2.3.4/', '1.2.3.4/x', 'fe80::/129', '1::2::3', ':::', '']) {
      expect([wrong, readAccessList(['alice', wrong])]).toEqual([wrong, wrong])
    }
  })

  test('takes anything else for a peer id', () => {
    for (const id of ['alice', '12345', 'a.b', 'example.org', 'tcp://192.0.2.1:7', 'inbound+tcp://192.0.2.1:7', 'a:b', 'QmYwAPJzv5CZsnA']) {
      expect([id, [...list([id]).peers]]).toEqual([id, [id]])
    }
  })
})
