import type { VersionRef } from '@switchyard/storage-core';

/** Backend that wrote a store. */
export type Kind =
  | 'legacy' // @legacy
  | 'libsql';

/** A sound store to be damaged. */
export interface Base {
  readonly name: string;
  readonly kind: Kind;
  /** Database file; its WAL, if any, is next to it. */
  readonly file: string;
  /** A copy to open, since opening may checkpoint the WAL. */
  readonly sound: string;
  readonly hasLog: boolean;
}

/** A read whose answer is compared with that of the sound store. */
export type Question =
  | { readonly op: 'overview' }
  | { readonly op: 'pages'; readonly versionId: number }
  | { readonly op: 'chunks'; readonly version: VersionRef; readonly url: string }
  | { readonly op: 'content'; readonly versionId: number }
  | { readonly op: 'words'; readonly versionId: number; readonly term: string }
  | { readonly op: 'nearest'; readonly versionId: number; readonly vector: Float32Array };

/** Maximum number of hits of the searches. */
export const LIMIT = 10;

/** Outcome of one step on a damaged store. */
export type Outcome =
  | { readonly kind: 'answer'; readonly value: unknown }
  /** A typed error, allowed in every step. */
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  /** Any other error: always a fault. */
  | { readonly kind: 'raw'; readonly message: string };

/** Task for the process that uses Switchyard. */
export type DamageTask =
  | { readonly type: 'build'; readonly name: string; readonly folder: string }
  | { readonly type: 'questions'; readonly base: Base }
  | {
      readonly type: 'use';
      readonly base: Base;
      /** Folder with copies of the damaged store, one for each group of steps. */
      readonly folder: string;
      readonly questions: readonly Question[];
      /** Steps that are not retried, because they killed a process before. */
      readonly skip: readonly string[];
      readonly isolated: boolean;
      /** Number of the case; null for the sound store. */
      readonly index: number | null;
    };

/** Task for the process that reads with plain SQLite. */
export interface PlainTask {
  readonly kind: Base['kind'];
  readonly file: string;
  readonly questions: readonly Question[];
}

/** Results of plain SQLite. A text that begins with `error:` stands for an unreadable result. */
export interface PlainReading {
  readonly answers: readonly unknown[];
  /** Digest of the rows of every table, and of every table through each of its indexes. */
  readonly objects: Readonly<Record<string, string>>;
  /** True if `PRAGMA integrity_check` and FTS5's own check find nothing. */
  readonly integrity: boolean;
  /** True if `integrity_check` finds nothing in the tables that are not derived from others, and in their indexes. */
  readonly rows: boolean;
}

/** A violation. */
export interface Fault {
  readonly step: string;
  readonly kind: 'abort' | 'hang' | 'untyped' | 'unseen' | 'lost-write';
  readonly detail: string;
}

/** A wrong answer without an error, because SQLite itself cannot detect the damage. */
export interface SilentDifference {
  readonly step: string;
  /** Tables whose rows plain SQLite reads differently, also without an error. */
  readonly where: string;
  readonly sameAsPlain: boolean;
}

/** Result of one damaged file. */
export interface DamageResult {
  readonly id: string;
  readonly base: string;
  readonly damage: string;
  /** True if the driver ran in a child process. */
  readonly isolated: boolean;
  readonly detail: string;
  readonly steps: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  readonly silent: readonly SilentDifference[];
  /** Checks that reported the damage: `integrity_check`, `audit`, `doctor`, `check`. */
  readonly reportedBy: readonly string[];
}
