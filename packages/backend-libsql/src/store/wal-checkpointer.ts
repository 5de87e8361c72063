import { logReaches } from '@switchyard/sqlite-common';
import AsyncDatabase from 'libsql/promise';

/** Rows changed between two checks of the WAL's size: about twelve documentation pages, or 400 to 500 WAL pages. */
const ROWS_BETWEEN_CHECKS = 300;
/** Extra rows before the first check after a restart of the WAL: a row changes about two pages. */
const ROWS_AFTER_CHECKPOINT = 600;
/** Maximum checkpoints in a row. Frames written during the last one are left to SQLite's own checkpoint. */
const MAX_ATTEMPTS = 3;

// FULL or RESTART would block the writer.
const CHECKPOINT = `
  PRAGMA wal_checkpoint(PASSIVE)`;

/**
 * Checkpoints the WAL of a file in the background, so that no write waits for the disk: on its own connection, whose
 * statements the binding runs on another thread. The checkpoint is SQLite's own, so a crash at any moment is safe. If the
 * WAL grows faster, the writer checkpoints it at SQLite's limit.
 */
export class WalCheckpointer {
  readonly #file: string;
  readonly #pages: number;
  #connection: AsyncDatabase | null = null;
  #rowsSinceCheck = 0;
  #commits = 0;
  #running: Promise<void> | null = null;
  #closed = false;

  /** @param pages WAL length in pages at which checkpointing begins. */
  constructor(file: string, pages: number) {
    this.#file = file;
    this.#pages = pages;
  }

  /** Must be called after every transaction that wrote. Never throws and never blocks. */
  committed(rowsChanged: number): void {
    this.#commits++;
    this.#rowsSinceCheck += rowsChanged;
    if (this.#closed || this.#running !== null || this.#rowsSinceCheck < ROWS_BETWEEN_CHECKS) return;
    this.#rowsSinceCheck = 0;
    if (!logReaches(`${this.#file}-wal`, this.#pages)) return;
    this.#running = this.#checkpoint().finally(() => {
      this.#running = null;
    });
  }

  /** Waits for a running checkpoint and closes the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#disconnect();
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #checkpoint(): Promise<void> {
    try {
      this.#connection ??= new AsyncDatabase(this.#file, {});
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const commits = this.#commits;
        await this.#connection.exec(CHECKPOINT);
        // With a commit in between, SQLite did not sync the file, and the WAL cannot restart.
        if (commits !== this.#commits) continue;
        this.#rowsSinceCheck = -ROWS_AFTER_CHECKPOINT;
        return;
      }
    } catch {
      // For example, a full disk. Nothing is lost: the frames stay in the WAL, SQLite tries again at its own limit, and the
      // write that then fails says why. After a failure, the locks that the connection holds are unknown: close it.
      this.#disconnect();
    }
  }
}
