import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder for one run. It is removed when the process ends, unless it is kept or the process is killed. */
export class Workspace {
  readonly folder: string;
  #keep = false;

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `switchyard-soak-${name}-`));
    process.once('exit', () => this.remove());
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Leaves the folder behind, for a look at what failed. */
  keep(): void {
    this.#keep = true;
  }

  remove(): void {
    if (!this.#keep) rmSync(this.folder, { recursive: true, force: true });
  }
}
