/** The types of `chromium.mjs`, which is JavaScript so that it runs on its own. */
export declare const ENSURE_MS: number
export declare function ensureChromium(): Promise<string>
