/** The actors of qudag-connections in @xstate/inspect, which was made for XState 4. */
export type { Actor, Manager } from './actor.ts'
export { bridge, type Bridge, type BridgeOptions, type DevTools } from './bridge.ts'
