import type { LatencyEvidence } from '../gates/evidence.js';
import type { Side } from '../machine/sides.js';

/** Number of latest measurements that percentiles are taken from. */
const KEPT = 2_000;

/** Latencies of both sides, as comparisons measure them: the same questions, at the same time. */
export class Latencies {
  readonly #measured: Readonly<Record<Side, number[]>> = { old: [], new: [] };

  /** Adds a measurement in milliseconds. */
  add(side: Side, milliseconds: number): void {
    const list = this.#measured[side];
    list.push(milliseconds);
    if (list.length > KEPT) list.shift();
  }

  /** Percentiles of both sides; null before both were measured. */
  evidence(): LatencyEvidence | null {
    const [old, other] = [percentiles(this.#measured.old), percentiles(this.#measured.new)];
    return old === null || other === null ? null : { old, new: other };
  }
}

function percentiles(measured: readonly number[]): { readonly p50: number; readonly p99: number } | null {
  const sorted = [...measured].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  const [p50, p99] = [at(0.5), at(0.99)];
  return p50 === undefined || p99 === undefined ? null : { p50, p99 };
}
