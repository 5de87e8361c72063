import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { connect, forgetFrames, releaseClosedConnections } from '@switchyard/backend-libsql/bulk';
import { detectStoreKind, realPath, type SqliteDriver } from '@switchyard/sqlite-common';
import { isStorageError, StorageError } from '@switchyard/storage-core';
import { checkCall } from '@switchyard/storage-core/backend';
import type { TaskContext } from '@switchyard/storage-isolation';
import { BACKEND_NAME } from './backend-name.js';
import { bootIdentity } from './boot.js';
import { Builder } from './build/build.js';
import { Journal } from './build/journal.js';
import { compareWithLegacy, differentError } from './compare.js';
import { requireDestinations } from './destinations.js';
import { type Finished, nothingKnown, readFinished, writeFinished } from './finished.js';
import { requireOwnFolder, takeOver } from './private-files.js';
import { findBackup, freeBackupName, isLegacyStore } from './publish/backup-name.js';
import { replaceFile, rollBackReplacement } from './publish/in-place.js';
import { publishNewFile } from './publish/new-file.js';
import { ReportFile } from './report.js';
import { expectedBytes, sizeOf } from './sizes.js';
import { takeSnapshot } from './snapshot.js';
import { countLegacy, type LegacyCounts } from './source/counts.js';
import { requireSoundSource } from './source/duplicate-names.js';
import { attachLegacy, readLevel } from './source/file.js';
import { type Fingerprint, fingerprintOf } from './source/fingerprint.js';
import { readLegacyProfile } from './source/profile.js';
import type { ConversionOptions, ConversionResult } from './types.js';
import { requireRoom, Workspace } from './workspace.js';

/** Pages of the new store: see PAGE_SIZE in store/local-file.ts. Nothing is flushed until the store is finished. */
const BUILD_PRAGMAS = `
  PRAGMA main.page_size = 4096;
  PRAGMA main.cache_size = -16384;
  PRAGMA main.synchronous = OFF;
  PRAGMA temp_store = MEMORY`;

const COUNT_VECTORS = `
  SELECT count(*) AS n FROM document_vectors`;

/** Program that started the conversion. */
type Host = Pick<TaskContext<never>, 'hostPid' | 'requireHost'>;

const thisProcess: Host = { hostPid: process.pid, requireHost: () => undefined };

/**
 * Implements `convertLegacyStore`. Opens the legacy store in this process, so it must run in a dedicated process.
 *
 * Converts a legacy store of level 009 to 014 to a libSQL store: every row, id, text and timestamp unchanged, vectors
 * byte for byte. The legacy store is opened read-only. The new one is built next to the target, compared with the
 * legacy one, and only then renamed; nothing changes before. After any interruption, the same call resumes.
 *
 * A store that is written during the conversion is converted from a snapshot. An in-place conversion refuses it,
 * because those writes would be lost.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`;
 * `STORAGE_DISK_FULL`; `STORAGE_CONSTRAINT` if the target exists, the name of the backup or the report is not possible,
 * or two rows of the legacy store have the same name; `STORAGE_BUSY` if another process has a store open that is to be
 * converted in place, or another conversion is running; `STORAGE_ABORTED`; `STORAGE_CORRUPT` if damage may hide rows of
 * the legacy store, or the comparison finds a difference.
 */
export async function convertHere(
  options: ConversionOptions,
  host: Host = thisProcess,
): Promise<ConversionResult> {
  return new Conversion(options, host).run();
}

class Conversion {
  readonly #options: ConversionOptions;
  readonly #host: Host;
  readonly #source: string;
  readonly #target: string;
  readonly #workspace: Workspace;
  readonly #inPlace: boolean;

  constructor(options: ConversionOptions, host: Host) {
    this.#options = options;
    this.#host = host;
    // Converts the target of a symbolic link; the link then leads to the new store.
    this.#source = realPath(options.source);
    this.#inPlace = options.target.type === 'in-place';
    this.#target = options.target.type === 'file' ? resolve(options.target.path) : this.#source;
    this.#workspace = new Workspace(this.#target);
  }

  get #report(): string {
    return this.#options.report ?? `${this.#target}.conversion-report.jsonl`;
  }

  async run(): Promise<ConversionResult> {
    checkCall(this.#options, BACKEND_NAME);
    // If an earlier conversion left its folder, its process may still be running: waits for it first.
    const isFirst = this.#workspace.isNew;
    const earlier = isFirst ? await this.#prepare() : null;
    if (earlier !== null) return earlier;
    const { signal, deadline, onProgress } = this.#options;
    const hasWaited = await this.#workspace.lock({
      signal,
      deadline,
      hostPid: this.#host.hostPid,
      onWait: () => onProgress?.({ step: 'wait' }),
    });
    try {
      const finished = isFirst && !hasWaited ? null : await this.#prepare();
      return finished ?? (await this.#convert());
    } catch (error) {
      if (isStorageError(error, 'STORAGE_DISK_FULL')) {
        // Includes frames held by the error itself: the space of a removed file is only freed with its last connection.
        forgetFrames(error);
        await releaseClosedConnections();
        this.#workspace.remove(); // the partial store cannot be finished, and takes space
      }
      throw error;
    } finally {
      this.#workspace.unlock();
    }
  }

  /**
   * Refuses impossible conversions before anything is created.
   *
   * @returns Result of an earlier conversion that was killed after it had succeeded; null if there is none.
   */
  async #prepare(): Promise<ConversionResult | null> {
    requireOwnFolder(this.#workspace.folder);
    const earlier = await this.#finishEarlier();
    if (earlier !== null) return earlier;
    requireDestinations({ ...this.#options, report: this.#report });
    // Only after a killed conversion: otherwise the application decides about the journal.
    if (this.#inPlace && !this.#workspace.isNew) await rollBackReplacement(this.#source);
    await requireSoundSource(this.#source, this.#options);
    return null;
  }

  /** Cleans up after a conversion that was killed after it had succeeded. */
  async #finishEarlier(): Promise<ConversionResult | null> {
    const { kind } = await detectStoreKind(this.#target, { backend: BACKEND_NAME, mustExist: false });
    if (kind !== 'switchyard-libsql') return null;
    const done = this.#inPlace ? await this.#findBackup() : this.#source;
    const isOurs = this.#inPlace ? done !== null : !this.#workspace.isNew && this.#isPublished();
    if (!isOurs || done === null) return null;
    const finished = readFinished(this.#workspace.finished);
    this.#workspace.remove();
    return {
      ...(finished ?? nothingKnown),
      alreadyConverted: true,
      resumed: false,
      target: this.#target,
      legacy: done,
    };
  }

  /** Path of the legacy store under its intended backup name; null if it does not exist. */
  async #findBackup(): Promise<string | null> {
    const { target } = this.#options;
    if (target.type !== 'in-place' || target.backup === undefined) return findBackup(this.#source);
    const backup = resolve(target.backup);
    return (await isLegacyStore(backup)) ? backup : null;
  }

  #isPublished(): boolean {
    const { store } = this.#workspace;
    return !existsSync(store) || statSync(store).ino === statSync(this.#target).ino;
  }

  async #convert(): Promise<ConversionResult> {
    const ready = readFinished(this.#workspace.finished);
    if (
      ready !== null &&
      ready.fingerprint === fingerprintOf(this.#from()) &&
      existsSync(this.#workspace.store)
    ) {
      return this.#publish(ready, true);
    }
    try {
      const { finished, resumed } = await this.#build();
      return await this.#publish(finished, resumed);
    } catch (error) {
      const changed = isStorageError(error, 'STORAGE_BUSY') && error.details?.reason === 'source-changed';
      if (!changed) throw error;
      this.#workspace.clear();
      if (this.#inPlace || this.#from() !== this.#source) throw error;
      await this.#options.onProgress?.({ step: 'snapshot' });
      await takeSnapshot(this.#source, this.#workspace);
      const { finished, resumed } = await this.#build();
      return await this.#publish(finished, resumed);
    }
  }

  /** Path of the store to read: the legacy store, or the snapshot of one that is being written. */
  #from(): string {
    return existsSync(this.#workspace.snapshot) ? this.#workspace.snapshot : this.#source;
  }

  async #build(): Promise<{ finished: Finished; resumed: boolean }> {
    const from = this.#from();
    const fingerprint = fingerprintOf(from);
    const boot = bootIdentity();
    const started = performance.now();
    this.#forgetOther(fingerprint, boot);
    const known = await attachLegacy(from, this.#workspace.store);
    let builder: Builder;
    let resumed: boolean;
    let counts: LegacyCounts;
    const level = readLevel(known);
    const profile = readLegacyProfile(known);
    try {
      known.exec(BUILD_PRAGMAS);
      counts = countLegacy(known);
      this.#requireRoom(counts, profile?.dimension ?? null);
      const onProgress = this.#options.onProgress;
      builder = new Builder({
        driver: known,
        source: from,
        fingerprint,
        boot,
        level,
        profile,
        counts,
        onProgress: (progress) => onProgress?.({ step: 'convert', ...progress }),
      });
      resumed = await builder.run(this.#options);
    } finally {
      known.close();
    }
    await releaseClosedConnections();
    const convert = (performance.now() - started) / 1000;
    const problemCounts = this.#onStore((driver) => new Journal(driver).counts());
    const verification = await compareWithLegacy(from, this.#workspace.store, problemCounts, this.#options);
    if (fingerprintOf(from) !== fingerprint) throw sourceChanged(this.#source);
    if (!verification.equal) {
      this.#workspace.clear();
      throw differentError(this.#options.source, verification);
    }
    const verify = (performance.now() - started) / 1000 - convert;
    const { report, vectors } = this.#onStore((driver) => ({
      report: this.#writeReport(new Journal(driver)),
      vectors: profile === null ? 0 : (driver.first<{ n: number }>(COUNT_VECTORS)?.n ?? 0),
    }));
    this.#onStore((driver) => new Journal(driver).drop());
    await releaseClosedConnections();
    const finished: Finished = {
      fingerprint,
      level,
      profile,
      counts: { ...counts, vectors },
      problemCounts,
      report,
      verification,
      seconds: { convert, verify },
    };
    writeFinished(this.#workspace.finished, finished);
    return { finished, resumed };
  }

  /** Discards an unfinished store made from another state of the legacy store, or before a restart of the machine. */
  #forgetOther(fingerprint: Fingerprint, boot: string): void {
    rmSync(this.#workspace.finished, { force: true });
    let usable = false;
    try {
      const state = this.#onStore((driver) => new Journal(driver).read());
      usable = state?.fingerprint === fingerprint && state.boot === boot;
    } catch (error) {
      if (!isStorageError(error)) throw error; // a damaged remainder is discarded too
    }
    if (!usable) this.#workspace.clear();
  }

  #requireRoom(counts: LegacyCounts, dimension: number | null): void {
    const backup = this.#inPlace && !this.#workspace.canLink() ? sizeOf(this.#source) : 0;
    const needed = expectedBytes(counts, dimension) - sizeOf(this.#workspace.store) + backup;
    requireRoom(needed, this.#workspace.freeBytes(), dirname(this.#target));
  }

  #writeReport(journal: Journal): string | null {
    const report = new ReportFile(this.#report, this.#source);
    try {
      for (const line of journal.lines()) report.add(line);
    } finally {
      report.close();
    }
    return report.close();
  }

  async #publish(finished: Finished, resumed: boolean): Promise<ConversionResult> {
    checkCall(this.#options, BACKEND_NAME);
    await this.#options.onProgress?.({ step: 'publish' });
    await releaseClosedConnections();
    const canLink = this.#workspace.canLink();
    const { store } = this.#workspace;
    let legacy = this.#source;
    if (this.#options.target.type === 'in-place') {
      legacy = resolve(this.#options.target.backup ?? freeBackupName(this.#source));
      const { fingerprint } = finished;
      await replaceFile({
        file: this.#source,
        store,
        backup: legacy,
        fingerprint,
        canLink,
        requireHost: this.#host.requireHost,
      });
    } else {
      takeOver(this.#source, store, 0o600);
      publishNewFile(store, this.#target, canLink, this.#host.requireHost);
    }
    this.#workspace.remove();
    const { fingerprint: _, ...result } = finished;
    return { ...result, alreadyConverted: false, resumed, target: this.#target, legacy };
  }

  #onStore<T>(work: (driver: SqliteDriver) => T): T {
    const driver = connect({
      file: this.#workspace.store,
      busyTimeoutMs: 5000,
      end: 'PRAGMA wal_checkpoint(TRUNCATE)',
    });
    try {
      return work(driver);
    } finally {
      driver.close();
    }
  }
}

function sourceChanged(source: string): StorageError {
  return new StorageError(
    'STORAGE_BUSY',
    `${source} was written while it was being converted. Stop what writes to it and try again.`,
    { backend: BACKEND_NAME, outcome: 'not-applied', details: { reason: 'source-changed' } },
  );
}
