import { setTimeout } from 'node:timers/promises';
import { logReaches } from '@switchyard/sqlite-common';
import AsyncDatabase from 'libsql/promise';

/** Rows changed between two looks at the log: some twelve pages of documentation, 400 to 500 pages of the log. */
const ROWS_BETWEEN_LOOKS = 300;
/** A log that has just begun anew is not looked at for so much longer: a row changes some two pages. */
const ROWS_AFTER_WRITING_BACK = 600;
/** Commits made during one pass are left to the next one; after the last, to SQLite at the limit of the log. */
const PASSES = 3;
/** SQLite has no way to wait for the checkpoint of another process. */
const RETRY_MS = 5;

// Not FULL or RESTART, which would make the writer wait.
const WRITE_BACK = `
  PRAGMA wal_checkpoint(PASSIVE)`;

/** Lengths of the log, in pages. */
export interface LogLimits {
  /** Where writing back begins in the background. */
  readonly begin: number;
  /** Where writers wait for it. SQLite's own limit for the writer. */
  readonly wait: number;
}

/** Settings of a {@link LogWriteBack} that depend on the store. */
export interface WriteBackOptions extends LogLimits {
  /** How long to wait for the checkpoint of another process. */
  readonly busyTimeoutMs: number;
  /** Opens the connection that checkpoints. Default: the binding's asynchronous one. */
  readonly connect?: ((file: string) => AsyncDatabase) | undefined;
}

/**
 * Writes the log of a file back while the file is written: on a connection of its own, whose statements the binding runs
 * on a thread of its own, so that no write waits for the disk. It is SQLite's own checkpoint: what a crash at any moment
 * of it leaves is whole.
 *
 * SQLite runs one checkpoint at a time: while this one is under way, the writer's own does nothing, however long the log
 * is. So a log that reaches its limit meanwhile makes the next write wait: see {@link room}.
 */
export class LogWriteBack {
  readonly #file: string;
  readonly #options: WriteBackOptions;
  #connection: AsyncDatabase | null = null;
  #rowsSinceLook = 0;
  #commits = 0;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(file: string, options: WriteBackOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** To be called after every transaction that wrote. Does not throw, and does not wait. */
  committed(rowsChanged: number): void {
    this.#commits++;
    this.#rowsSinceLook += rowsChanged;
    if (this.#closed || this.#running !== null || this.#rowsSinceLook < ROWS_BETWEEN_LOOKS) return;
    this.#rowsSinceLook = 0;
    if (!this.#reaches(this.#options.begin)) return;
    this.#running = this.#writeBack().finally(() => {
      this.#running = null;
    });
  }

  /**
   * The end of the checkpoint that a write has to wait for, so that the log has a bound on a disk of any speed; null when
   * it need not wait. While nothing is under way the writer itself checkpoints at the limit, as SQLite does.
   */
  room(): Promise<void> | null {
    return this.#running !== null && this.#reaches(this.#options.wait) ? this.#running : null;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#disconnect();
  }

  #reaches(pages: number): boolean {
    return logReaches(`${this.#file}-wal`, pages);
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #writeBack(): Promise<void> {
    try {
      const { connect = (file: string) => new AsyncDatabase(file, {}) } = this.#options;
      this.#connection ??= connect(this.#file);
      for (let pass = 0; pass < PASSES; pass++) {
        const commits = this.#commits;
        await this.#checkpoint(this.#connection);
        // Otherwise SQLite has not waited for the file, and the log cannot begin anew.
        if (commits !== this.#commits) continue;
        this.#rowsSinceLook = -ROWS_AFTER_WRITING_BACK;
        return;
      }
    } catch {
      // Such as a full disk. Nothing is lost: the pages stay in the log. SQLite tries again at its limit, and the write
      // that cannot be done says why. Of a connection on which something failed one does not know what it still holds.
      this.#disconnect();
    }
  }

  /** Runs one pass, after that of another process if there is one. */
  async #checkpoint(connection: AsyncDatabase): Promise<void> {
    const deadline = Date.now() + this.#options.busyTimeoutMs;
    const statement = await connection.prepare(WRITE_BACK);
    for (;;) {
      const [result] = (await statement.all([])) as { readonly busy: number }[];
      if (result?.busy !== 1 || this.#closed || Date.now() >= deadline) return;
      await setTimeout(RETRY_MS);
    }
  }
}
