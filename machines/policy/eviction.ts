/** Eviction: of the peers that may yield exactly one does, the one that is worth least, and only to one that is worth more. */
import { rangeText, type Ip } from '../domain/ip.ts'
import type { Direction } from './duel.ts'

/** What a connected peer is judged by first. */
export interface CandidateClass {
  /** What it is worth. */
  readonly score: number
  /** Whether anybody holds it, or wants it kept. */
  readonly isActive: boolean
  /** Who opened its link. */
  readonly direction: Direction
}

/** What a connected peer is judged by, beside others that may yield too. */
export interface Candidate extends CandidateClass {
  /** How many candidates alike in all the above share its group (its subnet, for one); 1: it has none. */
  readonly groupSize: number
  /** Counts connections as they come: of two, the higher came later. */
  readonly order: number
}

/** Who is weighed against whom: the worth of the newcomer, and of the first of those that may yield; undefined: nobody may. */
export interface Contest {
  readonly score: number
  readonly lowest: number | undefined
}

/** Whether a candidate yields to the newcomer, with the numbers that say why. */
export type Eviction =
  | { readonly kind: 'evict'; readonly score: number; readonly lowest: number }
  | { readonly kind: 'exhausted'; readonly score: number; readonly lowest: number | undefined }

/**
 * Negative where `a` yields before `b`: the lowest score first, then who is idle, then who came to us, then the
 * largest group, then the youngest. No two candidates are equal, as no two have the same `order`.
 */
export function compareCandidates(a: Candidate, b: Candidate): number {
  return compareClasses(a, b) || b.groupSize - a.groupSize || b.order - a.order
}

/** The first part of the order, before groups are counted. */
export function compareClasses(a: CandidateClass, b: CandidateClass): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1
  if (a.isActive !== b.isActive) return a.isActive ? 1 : -1
  if (a.direction === b.direction) return 0
  return a.direction === 'inbound' ? -1 : 1
}

/** Whether the first candidate yields: only to a newcomer that is worth more, never to its equal. */
export function decideEviction({ score, lowest }: Contest): Eviction {
  return lowest !== undefined && lowest < score ? { kind: 'evict', score, lowest } : { kind: 'exhausted', score, lowest }
}

/** Whom a peer counts with: its IPv4 /24 or IPv6 /48, which mostly one network owns; undefined: its address is no IP. */
export function groupOf(ip: Ip | undefined): string | undefined {
  return ip === undefined ? undefined : rangeText(ip, ip.family === 4 ? 24 : 48)
}

/** Whether a connection of that age is past its grace: at exactly the grace it is. */
export function isPastGrace(connectedAt: number, at: number, graceMs: number): boolean {
  return at - connectedAt >= graceMs
}
