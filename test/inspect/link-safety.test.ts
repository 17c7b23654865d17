/** How safe a link is reaches whoever watches, step by step: open, encrypted, proven, and safe against quantum computers. */
import { ConnectionManager } from 'qudag-connections'
import { Collector, inspectionOf } from 'qudag-connections/inspect'
import { tcp } from 'qudag-connections/transports/tcp'
import { createIdentity, tls } from 'qudag-connections/transports/tls'
import { expect, onTestFinished, test } from 'vitest'
import { safetyOf, securityWords } from '../../src/transports/link-safety.ts'
import type { LinkSecurity } from '../../src/transports/transport.ts'
import { Mirror } from './mirror.ts'

const SECURITY: LinkSecurity = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  keyAgreement: 'X25519',
  identity: 'p256',
  postQuantum: { keyAgreement: false, identity: false },
  resumed: false,
}

test('there are five steps, and the highest is safe against quantum computers in both ways', () => {
  const steps = [
    safetyOf(undefined, 'tcp://10.0.0.1:1'),
    safetyOf(undefined, 'wss://10.0.0.1:1/'),
    safetyOf(SECURITY, 'tls://10.0.0.1:1'),
    safetyOf({ ...SECURITY, postQuantum: { keyAgreement: true, identity: false } }, 'tls://10.0.0.1:1'),
    safetyOf({ ...SECURITY, postQuantum: { keyAgreement: true, identity: true } }, 'tls://10.0.0.1:1'),
    // A key that nobody can forge is of little use where what is said can be read.
    safetyOf({ ...SECURITY, postQuantum: { keyAgreement: false, identity: true } }, 'tls://10.0.0.1:1'),
  ]
  expect(steps).toEqual([0, 1, 2, 3, 4, 2])
})

test('words say by what', () => {
  expect(securityWords(SECURITY)).toBe('proven by p256; encrypted by X25519 (TLSv1.3, TLS_AES_256_GCM_SHA384)')
  const strong: LinkSecurity = {
    ...SECURITY,
    keyAgreement: 'X25519MLKEM768',
    identity: 'ml-dsa-65',
    postQuantum: { keyAgreement: true, identity: true },
  }
  expect(securityWords(strong)).toBe(
    'proven by ml-dsa-65, post-quantum; encrypted by X25519MLKEM768, post-quantum (TLSv1.3, TLS_AES_256_GCM_SHA384)',
  )
  expect(securityWords({ ...SECURITY, keyAgreement: 'unknown' })).toContain('a key agreement that this side was not told')
})

test('a watcher is told of each peer, and explain() says it in full', async () => {
  const [mine, hers] = [createIdentity(), createIdentity()]
  const me = new ConnectionManager(10, { transport: [tls({ identity: mine }), tcp()] })
  const her = new ConnectionManager(10, { transport: [tls({ identity: hers }), tcp()] })
  onTestFinished(async () => void (await Promise.all([me.shutdown(), her.shutdown()])))
  const proven = await her.listen('tls://127.0.0.1:0')
  const open = await her.listen('tcp://127.0.0.1:0')
  const named = new URL(proven.address)
  named.username = hers.peerId
  const connection = await me.connect(named.href)
  await me.connect(open.address.href)
  const collector = new Collector(inspectionOf(me))
  onTestFinished(() => collector.close())
  const mirror = new Mirror()
  mirror.apply(collector.reader().read()!)
  const step = connection.security?.postQuantum.keyAgreement === true ? 3 : 2
  expect(mirror.safety).toEqual({ [named.href]: step, [open.address.href]: 0 })
  expect(me.explain(named.href)?.security).toEqual(connection.security)
  expect(her.explain(mine.peerId)?.security).toMatchObject({ protocol: 'TLSv1.3', identity: 'ed25519' })
  expect(me.explain(open.address.href)).not.toHaveProperty('security')
})
