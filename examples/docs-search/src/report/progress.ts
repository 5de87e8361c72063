import cliProgress from 'cli-progress';

/** Shows the progress of a task: a bar on a terminal, a line at each quarter elsewhere. */
export interface Progress {
  start(title: string, total: number, unit: string): void;
  update(done: number): void;
  /** Ends the display when the task is done or has failed. */
  stop(): void;
}

/** Writes to stderr, so that stdout can be piped. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new Bar(stream) : new Lines(stream);
}

class Bar implements Progress {
  readonly #stream: NodeJS.WriteStream;
  #bar: cliProgress.SingleBar | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  start(title: string, total: number, unit: string): void {
    const format = `${title.padEnd(40)} {bar} {value}/{total} ${unit}, {duration_formatted}`;
    this.#bar = new cliProgress.SingleBar(
      { format, stream: this.#stream, hideCursor: true, barsize: 24 },
      cliProgress.Presets.shades_classic,
    );
    this.#bar.start(total, 0);
  }

  update(done: number): void {
    this.#bar?.update(done);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

class Lines implements Progress {
  readonly #stream: NodeJS.WriteStream;
  #title = '';
  #unit = '';
  #total = 0;
  #quarters = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  start(title: string, total: number, unit: string): void {
    this.#title = title;
    this.#unit = unit;
    this.#total = total;
    this.#quarters = 0;
    this.#stream.write(`${title} (${total} ${unit})\n`);
  }

  update(done: number): void {
    const quarters = this.#total === 0 ? 4 : Math.floor((done / this.#total) * 4);
    if (quarters <= this.#quarters) return;
    this.#quarters = quarters;
    this.#stream.write(`${this.#title}: ${done} of ${this.#total} ${this.#unit}\n`);
  }

  stop(): void {
    this.#title = '';
  }
}
