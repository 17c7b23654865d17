/** Addresses and ranges are read as Node reads them, whoever wrote them and however. */
import { BlockList, isIP, isIPv4 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cidrSet, hasIp, LOOPBACK, PRIVATE } from '../../machines/domain/cidr-set.ts'
import { ipOfAddress, parseCidr, parseIp, rangeText, type Cidr, type Ip } from '../../machines/domain/ip.ts'

const v4 = fc.ipV4()
const v6 = fc.ipV6()
const ips = fc.oneof(v4, v6)
/** What looks like an address, and mostly is none: pieces that addresses are made of, in any order. */
const pieces = fc.constantFrom(
  '0',
  '1',
  '01',
  '255',
  '256',
  'f',
  'ffff',
  '12345',
  'g',
  '.',
  '.',
  '.',
  ':',
  ':',
  ':',
  '::',
  '::ffff:',
  '%',
  ' ',
  '-1',
  '1e1',
)
const nearly = fc.oneof(
  fc.array(pieces, { maxLength: 18 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom('0', '1', '00', '255', '256', '', ' 1'), { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.')),
  fc.array(fc.constantFrom('0', '1', 'ffff', 'fffff', '', '', '1.2.3.4'), { minLength: 2, maxLength: 9 }).map((parts) => parts.join(':')),
)
const texts = fc.oneof(ips, nearly, fc.string())

function ip(text: string): Ip {
  const parsed = parseIp(text)
  if (parsed === undefined) throw new Error(`${text} is no address`)
  return parsed
}

function cidr(text: string): Cidr {
  const parsed = parseCidr(text)
  if (parsed === undefined) throw new Error(`${text} is no range`)
  return parsed
}

/** The same address, flipped in some bits: near enough to be in ranges about as often as not. */
function flipped({ family, value }: Ip, bits: readonly number[]): string {
  const size = family === 4 ? 32 : 128
  const other = bits.reduce((v, bit) => v ^ (1n << BigInt(bit % size)), value)
  return rangeText({ family, value: other }, size).replace(/\/.*$/, '')
}

describe('parseIp', () => {
  test('reads what Node takes for an address, and nothing else', () => {
    fc.assert(
      fc.property(texts, (text) => {
        // Node's own grammar of zone ids is wider on some platforms than on others.
        fc.pre(!text.includes('%'))
        expect(parseIp(text) !== undefined).toBe(isIP(text) !== 0)
      }),
      { numRuns: 5_000 },
    )
  })

  test('takes an IPv4-mapped address for the IPv4 address that it is', () => {
    fc.assert(
      fc.property(v4, (four) => {
        expect(ip(four).family).toBe(4)
        for (const mapped of [`::ffff:${four}`, `0:0:0:0:0:ffff:${four}`, `::FFFF:${four}`]) expect(ip(mapped)).toEqual(ip(four))
      }),
    )
  })

  test('drops a zone id', () => {
    expect([ip('fe80::1%eth0'), ip('fe80::1%3')]).toEqual([ip('fe80::1'), ip('fe80::1')])
    expect(parseIp('1.2.3.4%eth0')).toBeUndefined()
  })

  test('refuses a long text without reading it', () => {
    expect(parseIp('1:'.repeat(1_000_000))).toBeUndefined()
  })

  test('what was spelled out is read back', () => {
    fc.assert(
      fc.property(ips, (text) => {
        expect(ip(flipped(ip(text), []))).toEqual(ip(text))
      }),
    )
  })
})

describe('parseCidr', () => {
  test('an address alone is a range of one', () => {
    fc.assert(
      fc.property(ips, (text) => {
        expect(cidr(text)).toEqual({ ip: ip(text), prefix: ip(text).family === 4 ? 32 : 128 })
      }),
    )
  })

  test('a prefix is a plain number of at most as many bits as there are', () => {
    for (const wrong of ['1.2.3.4/33', '1.2.3.4/', '1.2.3.4/08', '1.2.3.4/-1', '1.2.3.4/8/8', '::/129', '::/1.0', '/8', 'x/8', '1.2.3/8']) {
      expect([wrong, parseCidr(wrong)]).toEqual([wrong, undefined])
    }
    expect(cidr('::ffff:10.0.0.0/104')).toEqual(cidr('10.0.0.0/8'))
    expect(parseCidr('::ffff:10.0.0.0/95')).toBeUndefined()
  })
})

describe('hasIp', () => {
  const wide = v6.filter((text) => ip(text).family === 6)
  /** Ranges of one family: Node matches a wide IPv6 range against mapped IPv4 addresses too; here a range is of one family. */
  const worlds = fc.oneof(
    fc.record({ ranges: fc.array(fc.tuple(v4, fc.nat(32)), { minLength: 1, maxLength: 8 }), strangers: fc.array(v4) }),
    fc.record({ ranges: fc.array(fc.tuple(wide, fc.nat(128)), { minLength: 1, maxLength: 8 }), strangers: fc.array(wide) }),
  )

  test('finds an address in the ranges where node:net finds it', () => {
    fc.assert(
      fc.property(worlds, fc.nat(7), fc.array(fc.nat(127), { maxLength: 3 }), ({ ranges, strangers }, which, bits) => {
        const list = new BlockList()
        for (const [net, prefix] of ranges) list.addSubnet(net, prefix, isIPv4(net) ? 'ipv4' : 'ipv6')
        const ours = cidrSet(ranges.map(([net, prefix]) => cidr(`${net}/${prefix}`)))
        const [near] = ranges[which % ranges.length] ?? ['1.2.3.4']
        for (const text of [flipped(ip(near), bits), ...strangers]) {
          expect([text, hasIp(ours, ip(text))]).toEqual([text, list.check(text, isIPv4(text) ? 'ipv4' : 'ipv6')])
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('a range of one family holds no address of the other', () => {
    fc.assert(
      fc.property(v4, wide, (four, six) => {
        expect([hasIp(cidrSet([cidr('::/0')]), ip(four)), hasIp(cidrSet([cidr('0.0.0.0/0')]), ip(six))]).toEqual([false, false])
      }),
    )
  })

  test('knows loopback and private ranges by heart', () => {
    const near = cidrSet([...LOOPBACK, ...PRIVATE].map(cidr))
    for (const own of [
      '127.0.0.1',
      '127.255.0.9',
      '::1',
      '10.1.2.3',
      '172.31.255.255',
      '192.168.0.1',
      '169.254.1.1',
      'fd00::1',
      'fe80::1%eth0',
      '::ffff:10.0.0.1',
    ]) {
      expect([own, hasIp(near, ip(own))]).toEqual([own, true])
    }
    for (const foreign of ['128.0.0.1', '172.32.0.0', '11.0.0.1', '192.169.0.1', '::2', 'fec0::1', '2001:db8::1', '0.0.0.0', '::']) {
      expect([foreign, hasIp(near, ip(foreign))]).toEqual([foreign, false])
    }
  })
})

describe('rangeText', () => {
  test('is the same text for two addresses exactly where their first bits are the same', () => {
    fc.assert(
      fc.property(ips, fc.array(fc.nat(127), { maxLength: 2 }), fc.nat(128), (text, bits, wanted) => {
        const a = ip(text)
        const b = ip(flipped(a, bits))
        const prefix = Math.min(wanted, a.family === 4 ? 32 : 128)
        expect(rangeText(a, prefix) === rangeText(b, prefix)).toBe(hasIp(cidrSet([{ ip: a, prefix }]), b))
      }),
    )
  })

  test('spells the first address of the range', () => {
    expect(rangeText(ip('192.0.2.77'), 24)).toBe('192.0.2.0/24')
    expect(rangeText(ip('2001:db8:1:2345::9'), 56)).toBe('2001:db8:1:2300:0:0:0:0/56')
  })
})

describe('ipOfAddress', () => {
  test('finds the host of a URL, however it is dressed', () => {
    fc.assert(
      fc.property(v4, v6, fc.integer({ min: 1, max: 65_535 }), (four, six, port) => {
        for (const text of [`tcp://${four}:${port}`, `ws://${four}`, `wss://u:p@${four}:${port}/x?y#z`, four]) {
          expect([text, ipOfAddress(text)]).toEqual([text, ip(four)])
        }
        for (const text of [`tcp://[${six}]:${port}`, `ws://[${six}]/x`, six, `[${six}]`])
          expect([text, ipOfAddress(text)]).toEqual([text, ip(six)])
      }),
    )
  })

  test('what names no IP address has none', () => {
    for (const text of [
      'memory://a',
      'scripted://arrival/7',
      'tcp://example.org:1',
      'tcp://[::1',
      'x',
      '',
      '://',
      'tcp://1.2.3.4.5:1',
      'http://a/1.2.3.4',
    ]) {
      expect([text, ipOfAddress(text)]).toEqual([text, undefined])
    }
  })

  test('never throws', () => {
    fc.assert(fc.property(texts, (text) => void ipOfAddress(`tcp://${text}`)))
  })
})
