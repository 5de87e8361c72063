import type { Ledger, Operation } from './ledger.js';

/** What a writer is told. */
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
  /** Finish the operation under way and wait. */
  | { readonly type: 'pause' }
  | { readonly type: 'resume' };

/** What a writer tells. Everything about an operation is told before the next one begins. */
export type FromWriter =
  | { readonly type: 'open' }
  | { readonly type: 'begin'; readonly operation: Operation }
  | { readonly type: 'acknowledged' }
  /** The error said that nothing was kept. */
  | { readonly type: 'refused'; readonly code: string }
  /** The outcome was not known; what the store shows since then. */
  | { readonly type: 'resolved'; readonly code: string; readonly applied: number }
  | { readonly type: 'paused' }
  /** Something that must not happen. */
  | { readonly type: 'fault'; readonly message: string };
