/** Two hundred real links in one process are opened, used, pooled, reused, killed and closed. */
import { testManyLinks } from './many-links.ts'

testManyLinks('tcp', 200)
testManyLinks('ws', 200)
