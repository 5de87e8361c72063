import type { StoreKind } from '../store-file/store-kind.js';

/** The contents of a file, read from its bytes. */
export type FileFacts =
  | { readonly type: 'absent' | 'empty' | 'folder' | 'not-a-database' }
  | {
      readonly type: 'database';
      /** `unknown` when the bytes contradict each other, as while another process is writing them. */
      readonly kind: StoreKind | 'unknown';
      /** True when text is stored as UTF-16. Null when the bytes do not say. */
      readonly utf16: boolean | null;
      /** The recorded schema level of a store; null where none can be read. */
      readonly level: number | null;
      /** True when SQLite would roll a transaction back before it reads the file. */
      readonly hotJournal: boolean;
    };

/** A question to the detection process: one JSON object per line. */
export interface Question {
  readonly id: number;
  readonly path: string;
}

/** Its answer: the facts, or the error of the file system. */
export type Answer =
  | { readonly id: number; readonly facts: FileFacts }
  | { readonly id: number; readonly failure: { readonly code: string | null; readonly message: string } };
