/** The types of `dashboard.mjs`. */
export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description: string
  readonly datasource?: unknown
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  /** Of a row that is folded: what is in it. */
  readonly panels?: readonly Panel[]
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string; readonly datasource: unknown }[]
}
export interface Dashboard {
  readonly __inputs: readonly { readonly name: string; readonly type: string; readonly pluginId: string }[]
  readonly id: null
  readonly uid: string
  readonly schemaVersion: number
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string; readonly current: unknown }[]
  }
  readonly panels: readonly Panel[]
}
export declare function readDashboard(): Dashboard
export declare function allPanels(dashboard: Dashboard): readonly Panel[]
export declare function asked(expr: string, interval: string): string
