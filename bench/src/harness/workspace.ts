import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder for the data of a run. Removed when the process exits, unless it is killed. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  #files = 0;

  constructor() {
    process.once('exit', () => this.remove());
    for (const [signal, number] of [
      ['SIGINT', 2],
      ['SIGTERM', 15],
      ['SIGHUP', 1],
    ] as const) {
      process.once(signal, () => process.exit(128 + number));
    }
  }

  /** Returns an unused path. */
  path(name: string): string {
    return join(this.folder, `${this.#files++}-${name}`);
  }

  /** Frees the space of files that are no longer needed, including their WAL and other sidecar files. */
  discard(path: string): void {
    for (const ending of ['', '-wal', '-shm', '-info']) {
      rmSync(path + ending, { recursive: true, force: true });
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
