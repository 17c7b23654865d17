import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compile, type Compiler, type Target } from './consumer-compile.ts'
import { consumerHome, NEEDED, type ConsumerHome } from './consumer-home.ts'

/** Each compiler once, and each target once; `consumers.long.test.ts` has all of them with all. */
const PART: readonly (readonly [Compiler, Target])[] = [
  ['5.4', 'Node, bundler'],
  ['5.9', 'a browser, bundler'],
  ['7', 'Node, node16'],
  ['7', 'Node, nodenext'],
]

describe('a consumer in TypeScript, whose own declarations and ours are checked strictly', () => {
  let inNode: ConsumerHome
  let bare: ConsumerHome

  beforeAll(async () => {
    inNode = await consumerHome([...NEEDED, '@types'])
    // Optional peers are optional: here are none, and no types of Node.
    bare = await consumerHome(['xstate', 'rxjs'])
  })
  afterAll(() => {
    inNode.remove()
    bare.remove()
  })

  test.each(PART)('TypeScript %s, for %s', async (version, target) => {
    expect(await compile(target.startsWith('Node') ? inNode : bare, version, target)).toEqual([])
  })
})
