import type { Writable } from 'node:stream';
import type { Environment } from '@switchyard/storage-container/standalone';
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

/** Input of {@link Output}. */
export interface OutputSettings {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
  /** Prints results as JSON on stdout; notes, progress and errors as lines of JSON on stderr. */
  readonly json: boolean;
}

/** Output of a command: results on stdout, everything else on stderr. */
export class Output {
  readonly json: boolean;
  /** For text on stdout. */
  readonly colors: Colors;
  /** Width of the terminal on stdout; null if it is not a terminal, so that text is not fitted. */
  readonly columns: number | null;
  readonly #errorColors: Colors;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #debug: boolean;
  readonly #redactor = new Redactor();
  #lastProgress: ReportedProgress | null = null;
  #isQuiet = false;

  constructor({ stdout, stderr, env, json }: OutputSettings) {
    this.json = json;
    this.colors = colorsFor(stdout, env);
    this.columns = stdout.isTTY === true ? (stdout.columns ?? DEFAULT_COLUMNS) : null;
    this.#errorColors = colorsFor(stderr, env);
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#debug = (env.SWITCHYARD_DEBUG ?? '') !== '';
  }

  /** Registers secrets that must not appear in any output. */
  protect(secrets: readonly Secret[]): void {
    this.#redactor.protect(secrets);
  }

  /** Replaces all registered secrets in a text. */
  redact(text: string): string {
    return this.#redactor.redact(text);
  }

  /** Prints the result of the command: `value` as JSON, or the text for people. */
  async result(value: unknown, text: () => string): Promise<void> {
    await write(this.#stdout, `${this.json ? JSON.stringify(value, null, 2) : text()}\n`);
  }

  /** Prints one line of a multi-line result as JSON. Waits for slow readers. */
  async jsonLine(value: unknown): Promise<void> {
    await write(this.#stdout, `${JSON.stringify(value)}\n`);
  }

  /** Suppresses notes and progress from now on. */
  silence(): void {
    this.#isQuiet = true;
  }

  /** Prints information that is not a failure. */
  note(message: string): void {
    if (!this.#isQuiet) this.announce(message);
  }

  /** Prints a note even in quiet mode, because the command cannot be used without it. */
  announce(message: string): void {
    const text = this.redact(message);
    this.#stderr.write(
      this.json ? `${JSON.stringify({ note: text })}\n` : `${this.#errorColors.yellow('note:')} ${text}\n`,
    );
  }

  /** Prints help or the version to stdout, as a result that was asked for. */
  requestedHelp(text: string): void {
    this.#stdout.write(text);
  }

  /** Prints help to stderr. Not redacted: it shows how to pass a token, and contains none. */
  help(text: string): void {
    this.#stderr.write(text);
  }

  /** True if a question would be read: stderr is a terminal, and not for a program. */
  get canAsk(): boolean {
    return !this.json && this.#stderr.isTTY === true;
  }

  /** Prints a question to the terminal; the answer follows on the same line. */
  ask(question: string): void {
    this.#stderr.write(this.redact(question));
  }

  /** Starts a progress display. */
  progress(label: string, unit: string): Progress {
    const shown = openProgress({ stream: this.#stderr, json: this.json, label, unit });
    return {
      update: (done, total) => {
        this.#lastProgress = { label, done, total, unit };
        if (!this.#isQuiet) shown.update(done, total);
      },
      stop: () => shown.stop(),
    };
  }

  /** Latest progress of the command; null before any. */
  get lastProgress(): ReportedProgress | null {
    return this.#lastProgress;
  }

  /** @param advice Replaces that of the error. */
  error(error: unknown, advice: string | null = null): void {
    const described = describeError(error);
    const description = advice === null ? described : { ...described, action: advice };
    const text = this.json ? `${JSON.stringify({ error: description })}\n` : this.#errorText(description);
    this.#stderr.write(this.redact(text));
    if (this.#debug && error instanceof Error) this.#stderr.write(`${this.redact(error.stack ?? '')}\n`);
  }

  #errorText({ code, message, action, outcome, cause, errors }: ErrorDescription): string {
    const lines = [`${this.#errorColors.red(`error [${code}]:`)} ${message}`];
    // Most messages already contain their cause.
    if (cause !== undefined && cause !== '' && !message.includes(cause.replace(/\.$/, '')))
      lines.push(`  Cause: ${cause}`);
    if (outcome === 'unknown') lines.push('  Some of the write may have been applied.');
    if (!message.includes(action)) lines.push(`  ${action}`);
    const head = `${lines.join('\n')}\n`;
    return [head, ...(errors ?? []).map((single) => this.#errorText(single))].join('');
  }
}

/** Writes and waits until the stream accepts more. A closed reader is handled where streams are set up. */
async function write(stream: OutputStream, text: string): Promise<void> {
  await new Promise<void>((resolve) => stream.write(text, () => resolve()));
}
