export const PAGES: readonly string[]
export function textOf(page: string): string
export function pageOf(name: string): string
export function renewPart(name: string, part: string): { readonly page: string; readonly isStale: boolean }
