import { setTimeout } from 'node:timers/promises';
import { logReaches } from '@switchyard/sqlite-common';
import AsyncDatabase from 'libsql/promise';

/** Rows changed between two checks of the WAL's size: about twelve documentation pages, or 400 to 500 WAL pages. */
const ROWS_BETWEEN_CHECKS = 300;
/** Extra rows before the first check after a restart of the WAL: a row changes about two pages. */
const ROWS_AFTER_CHECKPOINT = 600;
/** Maximum checkpoints in a row. Frames written during the last one are left to SQLite's own checkpoint. */
const MAX_ATTEMPTS = 3;

/** Delay between attempts while another process checkpoints: SQLite has no way to wait for it. In milliseconds. */
const RETRY_MS = 5;

// FULL or RESTART would block the writer.
const CHECKPOINT = `
  PRAGMA wal_checkpoint(PASSIVE)`;

/** WAL lengths, in pages. */
export interface WalLimits {
  /** Length at which a background checkpoint begins. */
  readonly begin: number;
  /** Length at which writers wait for it; SQLite's own limit for the writer. */
  readonly wait: number;
}

/** Settings of a {@link WalCheckpointer} that depend on the store. */
export interface WalCheckpointerOptions extends WalLimits {
  /** Maximum wait for the checkpoint of another process, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** Opens the connection that checkpoints. Default: the binding's asynchronous one. */
  readonly connect?: ((file: string) => AsyncDatabase) | undefined;
}

/**
 * Checkpoints the WAL of a file in the background, so that no write waits for the disk: on its own connection, whose
 * statements the binding runs on another thread. The checkpoint is SQLite's own, so a crash at any moment is safe.
 *
 * SQLite runs one checkpoint at a time: while this one is running, the writer's own does nothing, however long the WAL
 * is. A WAL that reaches its limit in the meantime therefore makes the next write wait: see {@link room}.
 */
export class WalCheckpointer {
  readonly #file: string;
  readonly #options: WalCheckpointerOptions;
  #connection: AsyncDatabase | null = null;
  #rowsSinceCheck = 0;
  #commits = 0;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(file: string, options: WalCheckpointerOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** Must be called after every transaction that wrote. Never throws and never blocks. */
  committed(rowsChanged: number): void {
    this.#commits++;
    this.#rowsSinceCheck += rowsChanged;
    if (this.#closed || this.#running !== null || this.#rowsSinceCheck < ROWS_BETWEEN_CHECKS) return;
    this.#rowsSinceCheck = 0;
    if (!this.#reaches(this.#options.begin)) return;
    this.#running = this.#checkpoint().finally(() => {
      this.#running = null;
    });
  }

  /**
   * Returns the end of the checkpoint that a write must wait for, which bounds the WAL on a disk of any speed; null if it
   * need not wait. Without a running checkpoint, the writer itself checkpoints at the limit, as SQLite does.
   */
  room(): Promise<void> | null {
    return this.#running !== null && this.#reaches(this.#options.wait) ? this.#running : null;
  }

  /** Waits for a running checkpoint and closes the connection. */
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

  async #checkpoint(): Promise<void> {
    try {
      const { connect = (file: string) => new AsyncDatabase(file, {}) } = this.#options;
      this.#connection ??= connect(this.#file);
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const commits = this.#commits;
        await this.#pass(this.#connection);
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

  /** Runs one checkpoint, after that of another process if there is one. */
  async #pass(connection: AsyncDatabase): Promise<void> {
    const deadline = Date.now() + this.#options.busyTimeoutMs;
    const statement = await connection.prepare(CHECKPOINT);
    for (;;) {
      const [result] = (await statement.all([])) as { readonly busy: number }[];
      if (result?.busy !== 1 || this.#closed || Date.now() >= deadline) return;
      await setTimeout(RETRY_MS);
    }
  }
}
