/** The types of `monitored-demo.mjs`. */
type Labels = Readonly<Record<string, string>>
export interface Sampled {
  readonly metric: Labels
  readonly values: readonly (readonly [at: number, value: string])[]
}
export interface Alerted {
  readonly labels: Labels
  readonly annotations: Labels
  readonly state: string
}
export interface Prometheus {
  readonly url: string
  query(query: string): Promise<{ readonly resultType: string; readonly result: readonly Sampled[] }>
  range(query: string, seconds: number): Promise<readonly Sampled[]>
  alerts(): Promise<readonly Alerted[]>
}
export declare function monitoredDemo(
  program: string,
  args?: readonly string[],
): Promise<{ readonly prometheus: Prometheus; readonly end: () => Promise<void> }>
export declare function until<T>(ask: () => Promise<T | undefined>, limitMs: number, what: string): Promise<T>
