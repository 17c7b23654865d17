/** A promise for what is done when it is asked for: one for all. */
export const DONE: Promise<void> = Promise.resolve()
