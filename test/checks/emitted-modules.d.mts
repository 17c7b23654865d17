/** Types of the list of emitted modules. */
export const EMITTED: readonly { file: string; machine: 'peerMachine' | 'supervisorMachine'; input: unknown; types: string }[]
