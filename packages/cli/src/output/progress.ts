import { SingleBar } from 'cli-progress';
import type { OutputStream } from './output.js';
import { progressLine } from './progress-line.js';
import { DEFAULT_COLUMNS } from './width.js';

/** Display of the progress of a task. */
export interface Progress {
  /** Updates the display. Both numbers are in units of the task; the total may change. */
  update(done: number, total: number): void;
  /** Ends the display. Idempotent. */
  stop(): void;
}

/** Progress of a task when it was last shown. */
export interface ReportedProgress {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

/** Input of {@link openProgress}. */
export interface ProgressSettings {
  readonly stream: OutputStream;
  readonly json: boolean;
  /** Label such as `Indexing fastify@5.6.0`. */
  readonly label: string;
  /** Unit such as `pages`. */
  readonly unit: string;
}

/**
 * Shows a bar on a terminal. Elsewhere nothing at first, and then a line from time to time, so that a log stays short;
 * as JSON, one line for each tenth of the work.
 */
export function openProgress(settings: ProgressSettings): Progress {
  if (settings.json) return new JsonLines(settings);
  return settings.stream.isTTY === true ? new Bar(settings) : new Lines(settings);
}

class Bar implements Progress {
  readonly #bar: SingleBar;
  #started: { readonly at: number; readonly done: number } | null = null;

  constructor({ stream, label, unit }: ProgressSettings) {
    this.#bar = new SingleBar({
      stream,
      format: (_options, { value, total }) =>
        progressLine({
          label,
          done: value,
          total,
          unit,
          secondsLeft: this.#secondsLeft(value, total),
          columns: stream.columns ?? DEFAULT_COLUMNS,
        }),
      clearOnComplete: true,
      hideCursor: true,
      // The command handles signals: it ends cleanly and stops the bar itself.
      gracefulExit: false,
    });
  }

  update(done: number, total: number): void {
    if (this.#started === null) {
      this.#started = { at: performance.now(), done };
      this.#bar.start(total, done);
    }
    this.#bar.setTotal(total);
    this.#bar.update(done);
  }

  stop(): void {
    if (this.#started !== null) this.#bar.stop();
    this.#started = null;
  }

  /** Estimate from the speed so far; null at the beginning. */
  #secondsLeft(done: number, total: number): number | null {
    if (this.#started === null || done <= this.#started.done || done >= total) return null;
    const seconds = (performance.now() - this.#started.at) / 1000;
    return (seconds / (done - this.#started.done)) * (total - done);
  }
}

/** Minimum duration in milliseconds before progress is printed. */
const QUIET_MS = 2_000;
/** Interval between two lines, in milliseconds. */
const PAUSE_MS = 10_000;

class Lines implements Progress {
  readonly #settings: ProgressSettings;
  #next = performance.now() + QUIET_MS;

  constructor(settings: ProgressSettings) {
    this.#settings = settings;
  }

  update(done: number, total: number): void {
    if (performance.now() < this.#next) return;
    this.#next = performance.now() + PAUSE_MS;
    const { stream, label, unit } = this.#settings;
    stream.write(`${label}: ${done}/${total} ${unit}\n`);
  }

  stop(): void {
    this.#next = Number.POSITIVE_INFINITY;
  }
}

class JsonLines implements Progress {
  readonly #settings: ProgressSettings;
  #tenth = -1;

  constructor(settings: ProgressSettings) {
    this.#settings = settings;
  }

  update(done: number, total: number): void {
    const tenth = total === 0 ? 10 : Math.floor((done / total) * 10);
    if (tenth === this.#tenth) return;
    this.#tenth = tenth;
    const { stream, label, unit } = this.#settings;
    stream.write(`${JSON.stringify({ progress: { label, done, total, unit } })}\n`);
  }

  stop(): void {
    this.#tenth = -1;
  }
}
