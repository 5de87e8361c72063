import type { StoreKind } from '../store-file/store-kind.js';

/** The contents of a file, read from its bytes. */
export type FileFacts =
  | { readonly type: 'absent' | 'empty' | 'folder' | 'not-a-database' }
  | {
      readonly type: 'database';
      /** `unknown` if the bytes contradict each other, as they do while another process is writing them. */
      readonly kind: StoreKind | 'unknown';
      /** True if text is stored as UTF-16; null if the bytes do not tell. */
      readonly utf16: boolean | null;
      /** Recorded schema level of a store; null if it cannot be read. */
      readonly level: number | null;
      /** True if SQLite would roll back a transaction before it reads the file. */
      readonly hotJournal: boolean;
    };

/** Request to the detection process: one JSON object per line. */
export interface Question {
  readonly id: number;
  readonly path: string;
}

/** Response: the facts, or the error of the file system. */
export type Answer =
  | { readonly id: number; readonly facts: FileFacts }
  | { readonly id: number; readonly failure: { readonly code: string | null; readonly message: string } };
