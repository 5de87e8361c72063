import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Options of the query log of a `DocumentStore`. */
export interface QueryLogOptions {
  /** Path of the log, which must end in `.jsonl`. Lines are appended; the file gets mode 0600. */
  readonly path: string;
  /** Returns the text to record in place of the text of a query; null leaves the query out. Default: the text itself. */
  readonly redact?: ((text: string) => string | null) | undefined;
  /** Called once when a query cannot be recorded; recording ends there, searching goes on. Default: ignored. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A search as it was answered. */
export interface AnsweredQuery {
  readonly library: string;
  readonly version: string;
  readonly text: string;
  readonly limit: number;
  readonly hits: number;
  readonly milliseconds: number;
}

/**
 * Checks the options of a query log.
 *
 * @throws TypeError that names the field.
 */
export function checkQueryLog(options: QueryLogOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('queryLog must be an object { path, redact }.');
  }
  const { path, redact, onError } = options;
  // The suffix keeps a slip from appending to the database itself.
  if (typeof path !== 'string' || !path.endsWith('.jsonl')) {
    throw new TypeError('queryLog.path must be a path that ends in .jsonl.');
  }
  for (const [name, hook] of Object.entries({ redact, onError })) {
    if (hook !== undefined && typeof hook !== 'function') {
      throw new TypeError(`queryLog.${name} must be a function.`);
    }
  }
}

/**
 * Appends searches to a file of JSON Lines: text, library, version, limit, number of hits and duration, never anything
 * of a document. Lines are written one after the other in the background; a failure ends the recording, not the search.
 */
export class QueryLog {
  readonly #options: QueryLogOptions;
  #file: FileHandle | null = null;
  #pending: Promise<void> = Promise.resolve();
  #isOff = false;

  constructor(options: QueryLogOptions) {
    this.#options = options;
  }

  record({ library, version, text, limit, hits, milliseconds }: AnsweredQuery): void {
    if (this.#isOff) return;
    const at = new Date().toISOString();
    this.#pending = this.#pending
      .then(async () => {
        if (this.#isOff) return;
        const { redact } = this.#options;
        const recorded = redact === undefined ? text : redact(text);
        if (recorded === null) return;
        if (typeof recorded !== 'string')
          throw new TypeError('queryLog.redact must return a string or null.');
        const ms = Math.round(milliseconds * 1000) / 1000;
        const line = JSON.stringify({ at, library, version, text: recorded, limit, hits, ms });
        this.#file ??= await openPrivately(this.#options.path);
        await this.#file.appendFile(`${line}\n`);
      })
      .catch((error: unknown) => this.#end(error));
  }

  /** Waits for the lines under way and closes the file. */
  async close(): Promise<void> {
    await this.#pending;
    this.#isOff = true;
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  #end(error: unknown): void {
    if (this.#isOff) return;
    this.#isOff = true;
    try {
      this.#options.onError?.(error);
    } catch {
      // A hook that fails must not fail a search.
    }
  }
}

/** Only the owner may read what people asked; a link to another file is not followed. */
async function openPrivately(path: string): Promise<FileHandle> {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;
  const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    await file.chmod(0o600);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
