/** The modules of emitted code in this package: which machine each is emitted from, and with which input. */
export const EMITTED = [
  {
    file: 'src/runtime/actors/generated/peer-code.ts',
    machine: 'peerMachine',
    input: { peerId: 'peer' },
    types: '../../../compile/index.ts',
  },
  {
    file: 'src/runtime/supervisor/generated/supervisor-code.ts',
    machine: 'supervisorMachine',
    input: { limits: {} },
    types: '../../../compile/index.ts',
  },
]
