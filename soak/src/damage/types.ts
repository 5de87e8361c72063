import type { VersionRef } from '@switchyard/storage-core';

/** A sound store that is damaged. */
export interface Base {
  readonly name: string;
  readonly kind: 'libsql' | 'legacy';
  /** The database file; its log stands beside it where it has one. */
  readonly file: string;
  /** A copy to open: opening may write the log back. */
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

/** How many hits the searches ask for. */
export const LIMIT = 10;

/** The outcome of one step on a damaged store. */
export type Outcome =
  | { readonly kind: 'answer'; readonly value: unknown }
  /** A typed error, as every step may give. */
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  /** Anything else that was thrown: always a fault. */
  | { readonly kind: 'raw'; readonly message: string };

/** Work for the process that uses Switchyard. */
export type DamageTask =
  | { readonly type: 'build'; readonly name: string; readonly folder: string }
  | { readonly type: 'questions'; readonly base: Base }
  | {
      readonly type: 'use';
      readonly base: Base;
      /** Folder with copies of the damaged store, one for each group of steps. */
      readonly folder: string;
      readonly questions: readonly Question[];
      /** Steps that are not tried again: they killed a process before. */
      readonly skip: readonly string[];
      readonly isolated: boolean;
      /** Number of the case; null for the sound store. */
      readonly index: number | null;
    };

/** Work for the process that reads with plain SQLite. */
export interface PlainTask {
  readonly kind: Base['kind'];
  readonly file: string;
  readonly questions: readonly Question[];
}

/** What plain SQLite reads. A text that begins with `error:` stands for what could not be read. */
export interface PlainReading {
  readonly answers: readonly unknown[];
  /** A digest of the rows of every table, and of every table through each of its indexes. */
  readonly objects: Readonly<Record<string, string>>;
  /** Whether `PRAGMA integrity_check` and FTS5's own check find nothing. */
  readonly integrity: boolean;
  /** Whether `integrity_check` finds nothing in the tables that are not made from others, and in their indexes. */
  readonly rows: boolean;
}

/** Something that must not happen. */
export interface Fault {
  readonly step: string;
  readonly kind: 'abort' | 'hang' | 'untyped' | 'unseen' | 'lost-write';
  readonly detail: string;
}

/** An answer that is wrong without an error, because SQLite itself cannot see the damage. */
export interface SilentDifference {
  readonly step: string;
  /** Tables whose rows plain SQLite reads differently, also without an error. */
  readonly where: string;
  readonly sameAsPlain: boolean;
}

/** What one damaged file came to. */
export interface DamageResult {
  readonly id: string;
  readonly base: string;
  readonly damage: string;
  /** Whether the driver ran in a child process. */
  readonly isolated: boolean;
  readonly detail: string;
  readonly steps: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  readonly silent: readonly SilentDifference[];
  /** What reported the damage when asked: `integrity_check`, `audit`, `doctor`, `check`. */
  readonly reportedBy: readonly string[];
}
