/** A mesh that has missed one of its processes for a while is whole again as soon, although the pauses between its dials have grown. */
import { test } from 'vitest'
import { expectMeshHeals } from './mesh-heals.ts'

test.each([
  { scheme: 'tcp', restartMs: 3_000, links: 8 },
  { scheme: 'ws', restartMs: 3_000, links: 4 },
] as const)('over $scheme: one is killed, started again after three seconds, and the mesh is whole within two seconds', expectMeshHeals)
