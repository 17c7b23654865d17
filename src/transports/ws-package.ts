/** The package `ws`, one for all that need it. */
import type * as WsPackage from 'ws'
import { LatePackage } from './late-package.ts'

/** The package `ws`. */
export const wsPackage = new LatePackage<typeof WsPackage>('ws', () => import('ws'))
