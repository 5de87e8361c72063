import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Workspaces to remove when the process exits. */
const workspaces = new Set<Workspace>();

process.once('exit', () => {
  for (const workspace of workspaces) workspace.remove();
});

/** A temporary folder for one run. Removed when the process exits, unless it is kept or the process is killed. */
export class Workspace {
  readonly folder: string;
  #keep = false;

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `switchyard-soak-${name}-`));
    workspaces.add(this);
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Keeps the folder, for examining failures. */
  keep(): void {
    this.#keep = true;
  }

  remove(): void {
    workspaces.delete(this);
    if (!this.#keep) rmSync(this.folder, { recursive: true, force: true });
  }
}
