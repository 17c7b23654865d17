/** The dashboard of examples/grafana, as its tests and its picture read it. */
import { readFileSync } from 'node:fs'

/**
 * @typedef {{ readonly id: number, readonly type: string, readonly title: string, readonly description: string,
 *   readonly gridPos: { readonly x: number, readonly y: number, readonly w: number, readonly h: number },
 *   readonly fieldConfig?: { readonly defaults: Readonly<Record<string, any>>, readonly overrides: readonly any[] },
 *   readonly panels?: readonly Panel[],
 *   readonly targets?: readonly { readonly expr: string, readonly legendFormat: string }[] }} Panel
 * @typedef {{ readonly id: null, readonly uid: string, readonly panels: readonly Panel[], readonly [name: string]: any }} Dashboard
 */

/** @returns {Dashboard} */
export function readDashboard() {
  return JSON.parse(readFileSync('examples/grafana/dashboard.json', 'utf8'))
}

/**
 * Every panel, also those of rows that are folded.
 *
 * @param {Dashboard} dashboard
 * @returns {readonly Panel[]}
 */
export function allPanels({ panels }) {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
}

/**
 * A query as Grafana asks it: everything chosen.
 *
 * @param {string} expr
 * @param {string} interval what `$__rate_interval` is: at least four scrapes
 */
export function asked(expr, interval) {
  return expr.replaceAll(/\$(job|instance|manager)/g, '.*').replaceAll('$__rate_interval', interval)
}
