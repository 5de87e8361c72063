import { logReaches } from '@switchyard/sqlite-common';
import AsyncDatabase from 'libsql/promise';

/** Rows changed between two looks at the log: some twelve pages of documentation, 400 to 500 pages of the log. */
const ROWS_BETWEEN_LOOKS = 300;
/** A log that has just begun anew is not looked at for so much longer: a row changes some two pages. */
const ROWS_AFTER_WRITING_BACK = 600;
/** What was written during one pass is left to the next; what the last one leaves, to SQLite at the limit of the log. */
const PASSES = 3;

// Not FULL or RESTART, which would make the writer wait.
const WRITE_BACK = `
  PRAGMA wal_checkpoint(PASSIVE)`;

/**
 * Writes the log of a file back while the file is written: on a connection of its own, whose statements the binding runs
 * on a thread of its own, so that no write waits for the disk. It is SQLite's own checkpoint: what a crash at any moment
 * of it leaves is whole. A log that is not written back in time is written back by the writer, as if this were not here.
 */
export class LogWriteBack {
  readonly #file: string;
  readonly #pages: number;
  #connection: AsyncDatabase | null = null;
  #rowsSinceLook = 0;
  #commits = 0;
  #running: Promise<void> | null = null;
  #closed = false;

  /** @param pages Length of the log at which writing back begins. */
  constructor(file: string, pages: number) {
    this.#file = file;
    this.#pages = pages;
  }

  /** To be called after every transaction that wrote. Does not throw, and does not wait. */
  committed(rowsChanged: number): void {
    this.#commits++;
    this.#rowsSinceLook += rowsChanged;
    if (this.#closed || this.#running !== null || this.#rowsSinceLook < ROWS_BETWEEN_LOOKS) return;
    this.#rowsSinceLook = 0;
    if (!logReaches(`${this.#file}-wal`, this.#pages)) return;
    this.#running = this.#writeBack().finally(() => {
      this.#running = null;
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#disconnect();
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #writeBack(): Promise<void> {
    try {
      this.#connection ??= new AsyncDatabase(this.#file, {});
      for (let pass = 0; pass < PASSES; pass++) {
        const commits = this.#commits;
        await this.#connection.exec(WRITE_BACK);
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
}
