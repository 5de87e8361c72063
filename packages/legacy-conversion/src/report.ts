import { closeSync, writeSync } from 'node:fs';
import { openReport } from './private-files.js';

/** A file of problems, one JSON object per line. It is created with its first line. */
export class ReportFile {
  readonly #path: string | undefined;
  readonly #source: string;
  #file: number | null = null;
  #written = false;

  /** @param source Store whose permissions the report gets. */
  constructor(path: string | undefined, source: string) {
    this.#path = path;
    this.#source = source;
  }

  add(line: string): void {
    if (this.#path === undefined) return;
    this.#file ??= openReport(this.#path, this.#source);
    this.#written = true;
    writeSync(this.#file, `${line}\n`);
  }

  /** Closes the file. Idempotent. @returns Its path; null if there was nothing to write. */
  close(): string | null {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    return this.#written ? (this.#path ?? null) : null;
  }
}
