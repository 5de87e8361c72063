import type { Writable } from 'node:stream';
import type { Environment } from '@switchyard/storage-container';
import type { Secret } from '@switchyard/storage-core';
import { type Colors, colorsFor } from './colors.js';
import { describeError, type ErrorDescription } from './describe-error.js';
import { openProgress, type Progress, type ReportedProgress } from './progress.js';
import { Redactor } from './redact.js';
import { DEFAULT_COLUMNS } from './width.js';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/** What an {@link Output} writes to. */
export interface OutputSettings {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
  /** Results as JSON on stdout; notes, progress and errors as lines of JSON on stderr. */
  readonly json: boolean;
}

/** Where a command puts what it has to say: results on stdout, everything else on stderr. */
export class Output {
  readonly json: boolean;
  /** For text on stdout. */
  readonly colors: Colors;
  /** Of the terminal that stdout is; null where it is none: text is then not fitted. */
  readonly columns: number | null;
  readonly #errorColors: Colors;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #debug: boolean;
  readonly #redactor = new Redactor();
  #lastProgress: ReportedProgress | null = null;

  constructor({ stdout, stderr, env, json }: OutputSettings) {
    this.json = json;
    this.colors = colorsFor(stdout, env);
    this.columns = stdout.isTTY === true ? (stdout.columns ?? DEFAULT_COLUMNS) : null;
    this.#errorColors = colorsFor(stderr, env);
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#debug = (env.SWITCHYARD_DEBUG ?? '') !== '';
  }

  /** Makes a secret known that no error may repeat. */
  protect(secret: Secret | null): void {
    this.#redactor.protect(secret);
  }

  /** The text without any known secret. */
  redact(text: string): string {
    return this.#redactor.redact(text);
  }

  /** The result of the command: `value` as JSON, or the text for people. */
  async result(value: unknown, text: () => string): Promise<void> {
    await write(this.#stdout, `${this.json ? JSON.stringify(value, null, 2) : text()}\n`);
  }

  /** One line of an answer that has many, as JSON. Waits when the reader is slower. */
  async jsonLine(value: unknown): Promise<void> {
    await write(this.#stdout, `${JSON.stringify(value)}\n`);
  }

  /** Something the person should know that is no failure. */
  note(message: string): void {
    const text = this.redact(message);
    this.#stderr.write(
      this.json ? `${JSON.stringify({ note: text })}\n` : `${this.#errorColors.yellow('note:')} ${text}\n`,
    );
  }

  /** Help, on stderr; it shows how a token is given, and holds none. */
  help(text: string): void {
    this.#stderr.write(text);
  }

  /** How far a long piece of work has come. */
  progress(label: string, unit: string): Progress {
    const shown = openProgress({ stream: this.#stderr, json: this.json, label, unit });
    return {
      update: (done, total) => {
        this.#lastProgress = { label, done, total, unit };
        shown.update(done, total);
      },
      stop: () => shown.stop(),
    };
  }

  /** The latest progress of the command; null before any. */
  get lastProgress(): ReportedProgress | null {
    return this.#lastProgress;
  }

  error(error: unknown): void {
    const description = describeError(error);
    const text = this.json ? `${JSON.stringify({ error: description })}\n` : this.#errorText(description);
    this.#stderr.write(this.redact(text));
    if (this.#debug && error instanceof Error) this.#stderr.write(`${this.redact(error.stack ?? '')}\n`);
  }

  #errorText({ code, message, action, outcome, cause, errors }: ErrorDescription): string {
    const lines = [`${this.#errorColors.red(`error [${code}]:`)} ${message}`];
    // Messages mostly hold what they are a consequence of.
    if (cause !== undefined && cause !== '' && !message.includes(cause.replace(/\.$/, '')))
      lines.push(`  Cause: ${cause}`);
    if (outcome === 'unknown') lines.push('  Some of the write may have been applied.');
    if (!message.includes(action)) lines.push(`  ${action}`);
    const head = `${lines.join('\n')}\n`;
    return [head, ...(errors ?? []).map((single) => this.#errorText(single))].join('');
  }
}

/** Writes and waits until the stream takes more. A reader that went away is dealt with where streams are set up. */
async function write(stream: OutputStream, text: string): Promise<void> {
  await new Promise<void>((resolve) => stream.write(text, () => resolve()));
}
