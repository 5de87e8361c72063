import type { Answer, Refusal } from '../calls.js';
import type { StoreRecords } from '../records.js';

/** Records after a transaction, and its answer. */
export interface Outcome {
  readonly records: StoreRecords;
  readonly answer: Answer;
}

/** Outcome of a transaction that changed the records. */
export function answered(records: StoreRecords, answer: Answer = { kind: 'done' }): Outcome {
  return { records, answer };
}

/** Outcome of a transaction that was refused and changed nothing. */
export function refused(records: StoreRecords, reason: Refusal): Outcome {
  return { records, answer: { kind: 'refused', reason } };
}
