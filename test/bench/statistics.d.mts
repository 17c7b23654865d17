/** The types of `statistics.mjs`, which is JavaScript because the benchmarks run as they are. */
export declare function summary(samples: readonly number[]): { min?: number; median?: number; max?: number; samples: readonly number[] }
export declare function slope(points: readonly (readonly [number, number])[]): { value: number; error: number }
