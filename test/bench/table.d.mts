/** The types of `table.mjs`, which is JavaScript because the benchmarks run as they are. */
export interface Bar {
  readonly atLeast?: number
  readonly atMost?: number
  readonly hopeless?: number
}
export interface Measured {
  readonly name: string
  readonly median?: number
  readonly min?: number
  readonly max?: number
  readonly bar?: Bar
  readonly missing?: string
  readonly error?: string
  readonly ratio?: (results: Record<string, Measured>) => number
}
export interface Judged {
  readonly contenders: readonly (Omit<Measured, 'ratio'> & {
    readonly ratio?: number
    readonly isMet?: boolean
    readonly isHopeless?: boolean
  })[]
}
export declare function judged(
  workload: string,
  part: { readonly name: string; readonly unit: string; readonly more?: boolean },
  measured: readonly Measured[],
): Judged
export declare function rowsOf(judged: Judged): readonly Record<string, string>[]
export declare function tableOf(rows: readonly Record<string, string>[]): string
export declare function figure(value: number): string
