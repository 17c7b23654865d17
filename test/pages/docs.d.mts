export function optionsOf(file: string, name: string): { readonly name: string; readonly fallback: string; readonly says: string }[]
export function errorCodes(): { readonly code: string; readonly means: string }[]
export function optionsTable(file: string, name: string): string
