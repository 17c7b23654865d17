/** Over TCP the contract of a link holds over IPv6 too: that the suite of every transport does is in every run. */
import { tcp } from '../../src/transports/tcp.ts'
import { linkContract } from './link-contract.ts'
import { MIB } from './tcp-rig.ts'

linkContract('tcp over IPv6', () => ({ transport: tcp(), address: new URL('tcp://[::1]:0'), maxFrameBytes: 16 * MIB }))
