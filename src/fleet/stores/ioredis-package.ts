/** The package `ioredis`, loaded by the first call of a store that is on Redis. */
import type * as IoredisPackage from 'ioredis'
import { LatePackage } from '../../transports/late-package.ts'

/** The package `ioredis`. */
export const ioredisPackage = new LatePackage<typeof IoredisPackage>('ioredis', () => import('ioredis'))
