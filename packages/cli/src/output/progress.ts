import { SingleBar } from 'cli-progress';
import type { OutputStream } from './output.js';

/** How far a piece of work has come, shown while it lasts. */
export interface Progress {
  /** Both in units of the work; the total may change. */
  update(done: number, total: number): void;
  /** Ends the display. Idempotent. */
  stop(): void;
}

/** How far a piece of work had come when it was last shown. */
export interface ReportedProgress {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

/** How progress is shown. */
export interface ProgressSettings {
  readonly stream: OutputStream;
  readonly json: boolean;
  /** Such as `Indexing fastify@5.6.0`. */
  readonly label: string;
  /** Such as `pages`. */
  readonly unit: string;
}

/** A bar on a terminal; elsewhere a line for each tenth of the work, so that a log stays short. */
export function openProgress(settings: ProgressSettings): Progress {
  return settings.stream.isTTY === true && !settings.json ? new Bar(settings) : new Lines(settings);
}

class Bar implements Progress {
  readonly #bar: SingleBar;
  #started = false;

  constructor({ stream, label, unit }: ProgressSettings) {
    this.#bar = new SingleBar({
      stream,
      format: `${label} [{bar}] {value}/{total} ${unit}, {eta_formatted} left`,
      clearOnComplete: true,
      hideCursor: true,
      // Signals are ours: the command ends cleanly and stops the bar itself.
      gracefulExit: false,
    });
  }

  update(done: number, total: number): void {
    if (!this.#started) this.#bar.start(total, done);
    this.#started = true;
    this.#bar.setTotal(total);
    this.#bar.update(done);
  }

  stop(): void {
    if (this.#started) this.#bar.stop();
    this.#started = false;
  }
}

class Lines implements Progress {
  readonly #settings: ProgressSettings;
  #tenth = -1;

  constructor(settings: ProgressSettings) {
    this.#settings = settings;
  }

  update(done: number, total: number): void {
    const tenth = total === 0 ? 10 : Math.floor((done / total) * 10);
    if (tenth === this.#tenth) return;
    this.#tenth = tenth;
    const { stream, json, label, unit } = this.#settings;
    stream.write(
      json
        ? `${JSON.stringify({ progress: { label, done, total, unit } })}\n`
        : `${label}: ${done}/${total} ${unit}\n`,
    );
  }

  stop(): void {
    this.#tenth = -1;
  }
}
