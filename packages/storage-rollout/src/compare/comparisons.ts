import type { CallOptions } from '@switchyard/storage-core';
import type { Position } from '../machine/position.js';
import { isSamePosition } from '../machine/position.js';
import { otherSide, type Side } from '../machine/sides.js';
import { type ComparedAnswer, type Comparison, classify, type Verdict } from './classify.js';
import { type ComparedVersion, ComparisonCounts, type VersionCounts } from './comparison-counts.js';
import { Latencies } from './latencies.js';

/** Settings of the comparison of answers. */
export interface ComparisonOptions {
  /** Maximum number of questions that wait; others are shed. Default 64. */
  readonly queueMax?: number | undefined;
  /** Number of questions compared at once. Default 1. */
  readonly concurrency?: number | undefined;
  /** Time in milliseconds that one comparison may take. Default 2000. */
  readonly deadlineMs?: number | undefined;
  /** Number of times that an undecided question is asked. Default 3. */
  readonly attempts?: number | undefined;
  /** Number of failures in a row after which questions are shed for a while. Default 5. */
  readonly failuresMax?: number | undefined;
  /** Time in milliseconds for which they are shed then. Default 10,000. */
  readonly pauseMs?: number | undefined;
  /** Every so many questions, the side that answers the caller is asked twice. Default 10; 0 never asks twice. */
  readonly noiseEvery?: number | undefined;
}

/** A question of the traffic. */
export interface Question extends ComparedVersion {
  /** Text that tells it apart from others; only its digest is kept. */
  readonly key: string;
  readonly limit: number;
  /** Side that answered the caller. */
  readonly side: Side;
  /** Asks one side. */
  readonly ask: (side: Side, options: CallOptions) => Promise<ComparedAnswer>;
  /** Returns what the answer of a side depends on: a position for each library; null where a side does not stand at one. */
  readonly positions: (side: Side, options: CallOptions) => Promise<readonly Position[] | null>;
}

/** Results of comparisons in the present stage. */
export interface ComparisonReport {
  /** Revision of the stage that is counted; null before the first question. */
  readonly revision: number | null;
  /** Beginning of the counts, in milliseconds since the epoch. */
  readonly since: number;
  readonly versions: readonly VersionCounts[];
  /** The same for the side that answers the caller, asked twice: its own noise. */
  readonly noise: readonly VersionCounts[];
  /** Number of questions that were not compared, by reason. */
  readonly shed: Readonly<Record<'full' | 'paused', number>>;
  /** Number of comparisons that failed or ran out of time. */
  readonly failed: number;
  readonly waiting: number;
}

/** Time in milliseconds before an undecided question is asked again, times the number of attempts. */
const AGAIN_MS = 20;

/**
 * Compares the answers of both sides in the background, on questions of the traffic. The caller never waits: a question is
 * taken or shed at once. Both sides are asked again, because an answer counts only between two equal readings of positions.
 */
export class Comparisons {
  readonly #settings: Required<{ [K in keyof ComparisonOptions]: number }>;
  readonly #waiting: Question[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  readonly #shed = { full: 0, paused: 0 };
  readonly #onMismatch: () => void;
  #counts = new ComparisonCounts();
  #noise = new ComparisonCounts();
  #latencies = new Latencies();
  #since = Date.now();
  #revision: number | null = null;
  #failed = 0;
  #failuresInARow = 0;
  #pausedUntil = 0;
  #taken = 0;

  /** @param onMismatch Called after each comparison that found a mismatch. */
  constructor(options: ComparisonOptions = {}, onMismatch: () => void = () => undefined) {
    this.#onMismatch = onMismatch;
    this.#settings = {
      queueMax: options.queueMax ?? 64,
      concurrency: options.concurrency ?? 1,
      deadlineMs: options.deadlineMs ?? 2000,
      attempts: options.attempts ?? 3,
      failuresMax: options.failuresMax ?? 5,
      pauseMs: options.pauseMs ?? 10_000,
      noiseEvery: options.noiseEvery ?? 10,
    };
  }

  /** Begins to count from nothing where the stage has changed: what was counted in another one is no evidence for this one. */
  during(revision: number): void {
    if (this.#revision === revision) return;
    if (this.#revision !== null) this.restart();
    this.#revision = revision;
  }

  /** Begins to count from nothing, as after a repair. */
  restart(): void {
    this.#counts = new ComparisonCounts();
    this.#noise = new ComparisonCounts();
    this.#latencies = new Latencies();
    this.#since = Date.now();
  }

  /** Takes a question, or sheds it. Never throws and never waits. */
  offer(question: Question): void {
    if (this.#abort.signal.aborted) return;
    if (Date.now() < this.#pausedUntil) this.#shed.paused++;
    else if (this.#waiting.length >= this.#settings.queueMax) this.#shed.full++;
    else {
      this.#waiting.push(question);
      this.#next();
    }
  }

  /** Results of the comparisons. */
  report(): ComparisonReport {
    return {
      revision: this.#revision,
      since: this.#since,
      versions: this.#counts.versions(),
      noise: this.#noise.versions(),
      shed: { ...this.#shed },
      failed: this.#failed,
      waiting: this.#waiting.length + this.#running.size,
    };
  }

  /** Counts by version, for a gate. */
  get counts(): ComparisonCounts {
    return this.#counts;
  }

  /** Latencies of both sides, for a gate. */
  get latencies(): Latencies {
    return this.#latencies;
  }

  /** Drops what waits and ends what runs. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  #next(): void {
    if (this.#running.size >= this.#settings.concurrency) return;
    const question = this.#waiting.shift();
    if (question === undefined) return;
    const run = this.#compare(question)
      .then(
        () => {
          this.#failuresInARow = 0;
        },
        () => this.#fail(),
      )
      .finally(() => {
        this.#running.delete(run);
        this.#next();
      });
    this.#running.add(run);
  }

  #fail(): void {
    if (this.#abort.signal.aborted) return;
    this.#failed++;
    if (++this.#failuresInARow < this.#settings.failuresMax) return;
    this.#failuresInARow = 0;
    this.#pausedUntil = Date.now() + this.#settings.pauseMs;
    this.#shed.paused += this.#waiting.length;
    this.#waiting.length = 0;
  }

  async #compare(question: Question): Promise<void> {
    const { attempts, deadlineMs, noiseEvery } = this.#settings;
    const options: CallOptions = { signal: this.#abort.signal, deadline: Date.now() + deadlineMs };
    const [counts, noise] = [this.#counts, this.#noise];
    const asksTwice = noiseEvery > 0 && this.#taken++ % noiseEvery === 0;
    let verdict: Verdict = { kind: 'undecided' };
    for (let attempt = 1; attempt <= attempts && verdict.kind === 'undecided'; attempt++) {
      if (attempt > 1) await this.#pause(AGAIN_MS * attempt);
      verdict = await this.#ask(question, options, [question.side, otherSide(question.side)]);
    }
    counts.add(question, question.key, verdict);
    if (verdict.kind === 'mismatch') this.#onMismatch();
    if (!asksTwice) return;
    const again = await this.#ask(question, options, [question.side, question.side]);
    noise.add(question, question.key, again);
  }

  /** Asks two sides between two readings of their positions. */
  async #ask(
    { limit, ask, positions }: Question,
    options: CallOptions,
    [one, other]: readonly [Side, Side],
  ): Promise<Verdict> {
    const read = () =>
      this.#inTime(options, Promise.all([positions('old', options), positions('new', options)]));
    const timed = async (side: Side) => {
      const start = performance.now();
      const answer = await this.#inTime(options, ask(side, options));
      if (one !== other) this.#latencies.add(side, performance.now() - start);
      return answer;
    };
    const before = await read();
    const [expected, found] = [await timed(one), await timed(other)];
    const after = await read();
    const comparison: Comparison = {
      positions: areAllSame([...before, ...after]) ? [STANDS] : [null],
      old: one === 'old' ? expected : found,
      new: one === 'old' ? found : expected,
      limit,
    };
    return classify(comparison);
  }

  /** A store that does not answer must not stop the comparisons. */
  #inTime<T>({ deadline = 0 }: CallOptions, promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal } = this.#abort;
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        reject(new Error('The comparison ran out of time.'));
      };
      const timer = setTimeout(end, Math.max(0, deadline - Date.now())).unref();
      signal.addEventListener('abort', end);
      promise.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
      });
    });
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
  }
}

/** Stands for a reading in which all positions agree. */
const STANDS: Position = { epoch: 0, sequence: 0 };

/** Returns true when every reading has the same positions and none is missing. */
function areAllSame(readings: readonly (readonly Position[] | null)[]): boolean {
  const [first] = readings;
  if (first === undefined || first === null) return false;
  return readings.every(
    (reading) =>
      reading !== null &&
      reading.length === first.length &&
      reading.every((position, index) => isSamePosition(position, first[index] as Position)),
  );
}
