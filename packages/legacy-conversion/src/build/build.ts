import { setImmediate } from 'node:timers/promises';
import {
  collectGarbage,
  collectYoungGarbage,
  createSchema,
  finishVectors,
  VectorWriter,
} from '@switchyard/backend-libsql/bulk';
import type { SqliteDriver } from '@switchyard/sqlite-common';
import { type CallOptions, type EmbeddingProfile, StorageError } from '@switchyard/storage-core';
import { checkCall, lastKey } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../backend-name.js';
import type { ProblemCounts } from '../problems.js';
import type { LegacyCounts } from '../source/counts.js';
import { findStoreFaults } from '../source/faults.js';
import { type Fingerprint, fingerprintOf } from '../source/fingerprint.js';
import { findVectorFaults, hasIndex, hasIndexOf, isIndexed } from '../vectors/faults.js';
import { VectorScan } from '../vectors/scan.js';
import { copyCatalog, copySequences } from './catalog.js';
import { copyChunks } from './chunks.js';
import { clearFtsIndex, copyFtsIndex, findFtsFaults, indexTexts } from './fts.js';
import { replaceInCatalog, replaceInChunks } from './ill-formed-text.js';
import { Journal, type JournalState, type Phase } from './journal.js';

/** Progress of building a store. */
export interface BuildProgress {
  readonly phase: Phase;
  readonly rows: number;
  readonly totalRows: number;
  /** Bytes of texts and embeddings that were read. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Estimate from the speed so far; null at the beginning. */
  readonly secondsLeft: number | null;
}

/** Input of a {@link Builder}. */
export interface BuildContext {
  /** Connection whose schema `main` is the new store, and `legacy` its source. */
  readonly driver: SqliteDriver;
  /** Path of the legacy store. */
  readonly source: string;
  /** State of the legacy store that is converted. */
  readonly fingerprint: Fingerprint;
  /** Identity of the current start of the machine. */
  readonly boot: string;
  readonly level: number;
  readonly profile: EmbeddingProfile | null;
  readonly counts: LegacyCounts;
  readonly onProgress?: ((progress: BuildProgress) => unknown) | undefined;
}

const BEFORE_ALL = Number.MIN_SAFE_INTEGER;

const NEXT_VERSION = `
  SELECT min(version_id) AS id FROM main.document_vectors WHERE version_id > ?1`;

const COUNT_VECTORS = `
  SELECT count(*) AS n FROM main.document_vectors`;

/**
 * Builds a store from a legacy one, step by step. Each step is one transaction that also records the next one, so that
 * an interrupted conversion resumes with the next step.
 */
export class Builder {
  readonly #context: BuildContext;
  readonly #journal: Journal;
  readonly #scan: VectorScan | null;
  readonly #vectors: VectorWriter | null;
  readonly #started = performance.now();
  #state: JournalState;
  #rowsAtStart = 0;
  #step = { rows: 0, bytes: 0 };

  constructor(context: BuildContext) {
    const { driver, profile, fingerprint, boot } = context;
    this.#context = context;
    this.#journal = new Journal(driver);
    this.#state = { fingerprint, boot, phase: 'catalog', after: BEFORE_ALL, rows: 0, bytes: 0 };
    const vectors = profile === null ? null : new VectorWriter(profile);
    this.#vectors = vectors;
    this.#scan =
      profile === null || vectors === null
        ? null
        : new VectorScan(
            driver,
            profile.dimension,
            {
              vector: (vector) => vectors.add(vector),
              problem: (problem) => this.#journal.add(problem),
              progress: (rows, bytes) => {
                this.#step.rows += rows;
                this.#step.bytes += bytes;
              },
            },
            hasIndex(driver) ? (id) => isIndexed(driver, id) : () => false,
          );
  }

  /**
   * Builds the store, or resumes building it.
   *
   * @returns True if it resumed.
   * @throws StorageError `STORAGE_BUSY` if the legacy store was written during the build; `STORAGE_ABORTED`;
   * `STORAGE_DISK_FULL`.
   */
  async run(options: CallOptions): Promise<boolean> {
    const left = this.#journal.read();
    if (left === null) this.#begin();
    else this.#state = left;
    this.#rowsAtStart = this.#state.rows;
    while (this.#state.phase !== 'built') {
      checkCall(options, BACKEND_NAME);
      const { phase } = this.#state;
      this.#next();
      if (this.#state.phase === phase) collectYoungGarbage();
      else collectGarbage();
      await this.#report();
      await setImmediate(); // signals and timers run
    }
    return left !== null;
  }

  get problems(): ProblemCounts {
    return this.#journal.counts();
  }

  #begin(): void {
    const { driver, profile, source } = this.#context;
    createSchema(driver, { location: source, profile });
    driver.transaction(() => {
      this.#journal.create();
      this.#journal.write(this.#state);
    });
  }

  #next(): void {
    const { driver, source, fingerprint } = this.#context;
    this.#step = { rows: 0, bytes: 0 };
    this.#state = driver.transaction(() => {
      const next = { ...this.#state, ...this.#work(this.#state) };
      this.#vectors?.write(driver);
      const state = { ...next, rows: next.rows + this.#step.rows, bytes: next.bytes + this.#step.bytes };
      this.#journal.write(state);
      // Before the commit: everything read so far belongs to the converted state, or does not count.
      if (fingerprintOf(source) !== fingerprint) throw sourceChanged(source);
      return state;
    });
  }

  /** Performs one step of a phase. @returns The next one. */
  #work({ phase, after }: JournalState): Partial<JournalState> {
    const { driver, level } = this.#context;
    const begin = (next: Phase) => ({ phase: next, after: BEFORE_ALL });
    switch (phase) {
      case 'catalog':
        copyCatalog(driver, level);
        replaceInCatalog(driver, (problem) => this.#journal.add(problem));
        return begin('chunks');
      case 'chunks': {
        const done = copyChunks(driver, after);
        if (done === null) return begin('indexed-vectors');
        replaceInChunks(driver, done.from, done.after, (problem) => this.#journal.add(problem));
        this.#step.rows += done.rows;
        return { after: done.after };
      }
      case 'indexed-vectors': {
        const { profile } = this.#context;
        const isUsable = profile !== null && hasIndexOf(driver, profile.dimension);
        const next = isUsable ? (this.#scan?.nextIndexed(after) ?? null) : null;
        return next === null ? begin('remaining-vectors') : { after: next };
      }
      case 'remaining-vectors': {
        const next = this.#scan?.nextRemaining(after) ?? null;
        return next === null ? begin('codes') : { after: next };
      }
      case 'codes': {
        const next = this.#writeCodes(after);
        return next === null ? begin('faults') : { after: next };
      }
      case 'faults':
        findVectorFaults(driver, this.#context.profile, (problem) => this.#journal.add(problem));
        findStoreFaults(driver, level, (problem) => this.#journal.add(problem));
        return begin('words');
      case 'words': {
        const same = findFtsFaults(driver, (problem) => this.#journal.add(problem));
        if (same && copyFtsIndex(driver)) return begin('finish');
        if (same) clearFtsIndex(driver);
        return begin('rebuild-words');
      }
      case 'rebuild-words': {
        const done = indexTexts(driver, after);
        return done === null ? begin('finish') : { after: done.after };
      }
      case 'finish':
        this.#finish();
        return begin('built');
      case 'built':
        return {};
    }
  }

  /** Finishes the log of 8-bit codes of the next version. @returns The version; null after the last one. */
  #writeCodes(after: number): number | null {
    const { driver, profile } = this.#context;
    if (profile === null) return null;
    const version = driver.first<{ id: number | null }>(NEXT_VERSION, [after])?.id ?? null;
    if (version === null) return null;
    lastKey([version], after, 'versions');
    finishVectors(driver, profile, version);
    return version;
  }

  #finish(): void {
    const { driver } = this.#context;
    copySequences(driver);
    if (this.#scan === null) return;
    const vectors = driver.first<{ n: number }>(COUNT_VECTORS)?.n ?? 0;
    // If more than a few vectors do not have length 1, the model does not normalize.
    if ((this.problems['vector-not-normalized'] ?? 0) > vectors / 4)
      this.#journal.forget('vector-not-normalized');
  }

  async #report(): Promise<void> {
    const { counts, onProgress } = this.#context;
    if (onProgress === undefined) return;
    const { phase, rows, bytes } = this.#state;
    const totalRows = counts.chunks + counts.embeddings + counts.indexOnly;
    const done = rows - this.#rowsAtStart;
    const seconds = (performance.now() - this.#started) / 1000;
    const secondsLeft = done === 0 ? null : (seconds / done) * Math.max(0, totalRows - rows);
    await onProgress({ phase, rows, totalRows, bytes, totalBytes: counts.embeddingBytes, secondsLeft });
  }
}

function sourceChanged(source: string): StorageError {
  return new StorageError(
    'STORAGE_BUSY',
    `${source} was written while it was being converted. Stop what writes to it and try again.`,
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { reason: 'source-changed' } },
  );
}
