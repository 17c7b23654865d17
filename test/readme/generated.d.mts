import type { AnyStateMachine } from 'xstate'

export function generatedParts(machines: { readonly peerMachine: AnyStateMachine }): Record<string, string>
export function partOf(readme: string, name: string): string | undefined
export function renew(readme: string, name: string, part: string): string
