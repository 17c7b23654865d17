/** Every transport of ours keeps the same promises, each of which is a test of its own. */
import { describe } from 'vitest'
import { dialContract } from './dial-contract.ts'
import { endContract } from './end-contract.ts'
import { type ContractSetup, linkEnds } from './link-ends.ts'
import { messageContract } from './message-contract.ts'

/** Says what a link must do, and tests that this transport's links do. */
export function linkContract(name: string, setup: () => ContractSetup): void {
  const ends = linkEnds(setup)
  describe(`${name} keeps the contract of a link`, () => {
    messageContract(ends)
    endContract(ends)
    dialContract(ends)
  })
}
