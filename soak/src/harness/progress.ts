/** Stream for progress. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Reports progress on standard error, so that results can be piped. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #started = Date.now();
  #last = 0;
  #lineOpen = false;

  constructor(stream: ProgressStream = process.stderr) {
    this.#stream = stream;
  }

  say(text: string): void {
    this.#clear();
    this.#stream.write(`${text}\n`);
  }

  /** Shows the progress of the run: several times per second on a terminal, every 30 seconds elsewhere. */
  step(done: number, total: number, detail: string): void {
    const now = Date.now();
    if (done < total && now - this.#last < (this.#stream.isTTY === true ? 250 : 30_000)) return;
    this.#last = now;
    const seconds = Math.round((now - this.#started) / 1000);
    const line = `${done} of ${total} in ${seconds} s; ${detail}`;
    if (this.#stream.isTTY !== true) {
      this.#stream.write(`${line}\n`);
      return;
    }
    this.#clear();
    this.#stream.write(line);
    this.#lineOpen = true;
  }

  #clear(): void {
    if (this.#lineOpen) this.#stream.write('\r\x1b[K');
    this.#lineOpen = false;
  }
}
