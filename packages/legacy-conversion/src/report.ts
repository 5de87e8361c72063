import { closeSync, writeSync } from 'node:fs';
import { openReport } from './private-files.js';

/** A file of problems, one JSON object a line. It is made with its first line. */
export class ReportFile {
  readonly #path: string | undefined;
  readonly #source: string;
  #file: number | null = null;
  #written = false;

  /** @param source The store that is read: its permissions are those of the report. */
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

  /** Closes the file. @returns Where it is; null when there was nothing to write. Idempotent. */
  close(): string | null {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    return this.#written ? (this.#path ?? null) : null;
  }
}
