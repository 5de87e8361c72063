import { closeSync, openSync, writeSync } from 'node:fs';

/** A file of problems, one JSON object a line. It is made with its first line. */
export class ReportFile {
  readonly #path: string | undefined;
  #file: number | null = null;
  #written = false;

  constructor(path: string | undefined) {
    this.#path = path;
  }

  add(line: string): void {
    if (this.#path === undefined) return;
    this.#file ??= openSync(this.#path, 'w');
    this.#written = true;
    writeSync(this.#file, `${line}\n`);
  }

  /** Closes the file. @returns Where it is; null when there was nothing to write. Idempotent. */
  close(): string | null {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    return this.#written ? (this.#path ?? null) : null;
  }
}
