/** For every row of the transport suite there is a fault that it finds. */
import type { Planted } from './planted-fault.ts'
import { ARRIVAL_FAULTS } from './arrival-faults.ts'
import { MESSAGE_FAULTS } from './message-faults.ts'
import { PRESSURE_FAULTS } from './pressure-faults.ts'
import { END_FAULTS, PING_FAULTS } from './end-faults.ts'
import { DIAL_FAULTS, LOSS_FAULTS } from './dial-faults.ts'

/** All of them. */
export const PLANTED: readonly Planted[] = [
  ...ARRIVAL_FAULTS,
  ...MESSAGE_FAULTS,
  ...PRESSURE_FAULTS,
  ...END_FAULTS,
  ...PING_FAULTS,
  ...DIAL_FAULTS,
  ...LOSS_FAULTS,
]
