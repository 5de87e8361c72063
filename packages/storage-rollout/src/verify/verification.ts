import type { LogKey } from '@switchyard/storage-core/backend';
import type { Verification } from '../gates/evidence.js';
import type { Side } from '../machine/sides.js';

/** Row that is not the same on both sides. */
export interface DifferingRow {
  readonly key: LogKey;
  /** Side that has no such row; null when both have one. */
  readonly missingOn: Side | null;
}

/** Verification of one library. */
export interface LibraryVerification {
  readonly library: string;
  /** Number of rows that were decided: the library, its versions and its pages. */
  readonly compared: number;
  /** Number of rows that differ. */
  readonly differing: number;
  /** The first 100 rows that differ. */
  readonly rows: readonly DifferingRow[];
  /** Number of rows that were written each time they were looked at. */
  readonly undecided: number;
  /** Digest of the decided rows of each side. */
  readonly digests: Readonly<Record<Side, string>>;
}

/** Result of comparing the digests of both stores. */
export interface VerificationReport extends Verification {
  readonly libraries: readonly LibraryVerification[];
  readonly undecided: number;
  /** Number of rows that were different and were delivered again before this result. */
  readonly repaired: number;
  /** Epoch of each library: the result says nothing of a later one, as after `off` or a reset of the vectors. */
  readonly epochs: Readonly<Record<string, number>>;
  /** Digest of the decided rows of each store. */
  readonly digests: Readonly<Record<Side, string>>;
}
