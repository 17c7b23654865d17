/** The types of `floors.mjs`, which is JavaScript because the linter loads it as it is. */
export declare const FLOORS: readonly (readonly string[])[]
export declare const DEEPEST: number
export declare function placeOf(file: string): string | undefined
export declare function mayImport(from: string, to: string): boolean
