import type { Ledger, Operation } from './ledger.js';

/** Messages to a writer. */
export type ToWriter =
  | {
      readonly type: 'write';
      readonly connection: string;
      readonly token: string | undefined;
      readonly dimension: number;
      /** Seed of its operations. */
      readonly seed: string;
      readonly ledger: Ledger;
    }
  /** Finish the operation in progress and wait. */
  | { readonly type: 'pause' }
  | { readonly type: 'resume' };

/** Messages from a writer. Everything about an operation is reported before the next one begins. */
export type FromWriter =
  | { readonly type: 'open' }
  | { readonly type: 'begin'; readonly operation: Operation }
  | { readonly type: 'acknowledged' }
  /** The error reported that nothing was written. */
  | { readonly type: 'refused'; readonly code: string }
  /** The outcome was unknown; `applied` is the number of changes found in the store afterwards. */
  | { readonly type: 'resolved'; readonly code: string; readonly applied: number }
  | { readonly type: 'paused' }
  /** A violation. */
  | { readonly type: 'fault'; readonly message: string };
