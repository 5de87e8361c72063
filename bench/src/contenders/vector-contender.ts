import type { VectorSet } from '../harness/ground-truth.js';
import type { Progress } from '../harness/progress.js';
import type { Workspace } from '../harness/workspace.js';

/** A way of finding nearest vectors. Rows are known by their place in the set, from 0. */
export interface VectorIndexUnderTest {
  /** The rows nearest to the query, nearest first. */
  search(query: Float32Array<ArrayBuffer>, k: number): Promise<readonly number[]> | readonly number[];
  close(): Promise<void> | void;
}

/** How such an index is made. */
export interface VectorContender {
  /** As in results. */
  readonly name: string;
  /** Its settings, in words. */
  readonly parameters: string;
  /** Above so many vectors it takes too long to build, and is left out unless it is asked for by name. */
  readonly sensibleUpTo?: number | undefined;
  /** From elsewhere: its failure is reported and does not end the run. */
  readonly peer?: boolean | undefined;
  build(set: VectorSet, tools: BuildTools): Promise<VectorIndexUnderTest>;
}

/** What building an index may need. */
export interface BuildTools {
  readonly workspace: Workspace;
  readonly progress: Progress;
}

/** The bytes of a vector, for a driver to bind. */
export function toBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
