/** A frame: whatever asks to be drawn is drawn once in the next one, however often it asked. */
const jobs = new Set<() => void>()
const spread: (() => void)[] = []
let asked = 0

/** Runs a job in the next frame; asking again before that changes nothing. */
export function inNextFrame(job: () => void): void {
  jobs.add(job)
  ask()
}

/** Runs a job in a frame of its own, after those that asked before: what is dear must not come all at once. */
export function inSomeFrame(job: () => void): void {
  if (spread.includes(job)) return
  spread.push(job)
  ask()
}

function ask(): void {
  if (asked === 0) asked = requestAnimationFrame(run)
}

function run(): void {
  asked = 0
  const due = [...jobs]
  jobs.clear()
  for (const job of due) job()
  spread.shift()?.()
  if (jobs.size > 0 || spread.length > 0) ask()
}
