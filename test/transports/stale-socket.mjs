/** Listens at a path, and is gone without giving it back. */
import { createServer } from 'node:net'

createServer().listen(process.argv[2], () => process.kill(process.pid, 'SIGKILL'))
