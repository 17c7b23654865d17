/** A thousand real links in one process are opened, used, pooled, reused, killed and closed. */
import { testManyLinks } from './many-links.ts'

testManyLinks('tcp', 1_000)
testManyLinks('ws', 1_000)
