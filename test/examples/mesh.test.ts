/** A mesh of five processes finds itself, and is whole again within two seconds when one of them was killed and is back. */
import { test } from 'vitest'
import { expectMeshHeals } from './mesh-heals.ts'

test.each([
  { scheme: 'tcp', restartMs: 0, links: 8 },
  { scheme: 'ws', restartMs: 0, links: 4 },
] as const)('over $scheme: one is killed, started again at once, and the mesh is whole within two seconds', expectMeshHeals)
