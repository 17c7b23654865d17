/** What a process holds after a full collection, and what still keeps it alive. */

export async function heapUsed() {
  for (let i = 0; i < 3; i++) {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    globalThis.gc()
  }
  return process.memoryUsage().heapUsed
}

/** Sockets, listeners and timers that are left; sockets that are closing get a few turns of the loop for it. */
export async function leftovers() {
  const left = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Immediate/.test(kind))
  for (let turn = 0; turn < 200 && left().length > 0; turn++) await new Promise(setImmediate)
  return left()
}
