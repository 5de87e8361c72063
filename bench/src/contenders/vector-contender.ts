import type { VectorSet } from '../harness/ground-truth.js';
import type { Progress } from '../harness/progress.js';
import type { Workspace } from '../harness/workspace.js';

/** A searchable set of vectors. Rows are identified by their position in the set, from 0. */
export interface VectorIndexUnderTest {
  /** Returns the nearest rows, nearest first. */
  search(query: Float32Array<ArrayBuffer>, k: number): Promise<readonly number[]> | readonly number[];
  close(): Promise<void> | void;
}

/** Builds an index under test. */
export interface VectorContender {
  /** Name in results. */
  readonly name: string;
  /** Description of its settings. */
  readonly parameters: string;
  /**
   * Maximum number of vectors; above it, building takes too long and the contender is skipped unless named explicitly.
   */
  readonly sensibleUpTo?: number | undefined;
  /** True for third-party software: its failure is reported and does not end the run. */
  readonly peer?: boolean | undefined;
  build(set: VectorSet, tools: BuildTools): Promise<VectorIndexUnderTest>;
}

/** Resources for building an index. */
export interface BuildTools {
  readonly workspace: Workspace;
  readonly progress: Progress;
}

/** Returns the bytes of a vector, for binding. */
export function toBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
