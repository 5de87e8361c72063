import { randomUUID } from 'node:crypto';
import type { CallOptions, JsonValue } from '@switchyard/storage-core';
import type { Comparisons } from '../compare/comparisons.js';
import type { LatencyEvidence, Verification } from '../gates/evidence.js';
import { type ControlRow, deciderOf } from '../machine/control.js';
import { sides } from '../machine/sides.js';
import type { VerificationReport } from '../verify/verification.js';
import type { Authorities } from './authorities.js';
import { inTime, isUnreachable } from './errors.js';
import type { Logs } from './run-task.js';

/** Counts of one version that a process has kept. No text of a document or of a query. */
export interface KeptCounts {
  readonly library: string;
  readonly version: string;
  readonly comparisons: number;
  readonly decided: number;
  readonly mismatches: number;
}

/** Comparisons of one process in one stage. */
export interface KeptComparisons {
  /** Revision of the stage. */
  readonly revision: number;
  readonly since: number;
  readonly versions: readonly KeptCounts[];
  readonly latency: LatencyEvidence | null;
}

/** Verification without its details. */
export type KeptVerification = Verification & Pick<VerificationReport, 'epochs' | 'undecided' | 'digests'>;

/** Time in milliseconds between two looks at whether comparisons are to be kept. */
const KEEP_MS = 5_000;

/** Longest time in milliseconds that closing waits for a store that does not answer. */
const CLOSE_MS = 1_000;

/** Dependencies of {@link KeptEvidence}. */
export interface KeptEvidenceContext {
  readonly logs: Logs;
  readonly authorities: Authorities;
  /** Returns the comparisons of the open backend. */
  readonly comparisons: () => Comparisons;
}

/**
 * Evidence of gates in the stores, so that it outlives a process and one process judges what all have seen. Comparisons are
 * kept by each process in the store that decides, verifications in both.
 */
export class KeptEvidence {
  readonly #context: KeptEvidenceContext;
  /** Name of this process: each adds up what it counted by itself. */
  #process = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #kept = '';
  #last: VerificationReport | null = null;

  constructor(context: KeptEvidenceContext) {
    this.#context = context;
  }

  /** Last verification of this process with its details; null if there was none. */
  get last(): VerificationReport | null {
    return this.#last;
  }

  /** Begins to keep comparisons now and then. */
  open(): void {
    this.#process = randomUUID();
    this.#kept = '';
    this.#timer = setInterval(() => void this.keepComparisons(), KEEP_MS).unref();
  }

  /** Keeps what was counted last. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await inTime(this.keepComparisons(), CLOSE_MS);
  }

  /** Keeps the comparisons of this process, if there are new ones. Never throws: the next time does it. */
  keepComparisons(): Promise<void> {
    this.#keeping = this.#keeping.then(() => this.#keep()).catch(() => undefined);
    return this.#keeping;
  }

  /** Keeps a verification in both stores. */
  async keepVerification(report: VerificationReport): Promise<void> {
    this.#last = report;
    const { at, differing, undecided, epochs, digests } = report;
    const body = { at, differing, undecided, epochs, digests: { ...digests } };
    for (const side of sides) {
      const kept = this.#context.logs[side].putNote({ kind: 'verification', key: 'last', at, body });
      await kept.catch(dropUnreachable);
    }
  }

  /** Returns the last verification of any process; null if there was none. */
  async verification(row: ControlRow, options: CallOptions | undefined): Promise<KeptVerification | null> {
    const [note] = await this.#context.logs[deciderOf(row.stage)].notes('verification', options);
    return (note?.body ?? null) as KeptVerification | null;
  }

  /** Returns the comparisons of all processes in the present stage, those of this one first. */
  async comparisons(row: ControlRow, options: CallOptions | undefined): Promise<readonly KeptComparisons[]> {
    const own = this.#own();
    const notes = await this.#context.logs[deciderOf(row.stage)].notes(kindOf(row.revision), options);
    const others = notes
      .filter(({ key }) => key !== this.#process)
      .map(({ body }) => body as unknown as KeptComparisons);
    return own?.revision === row.revision ? [own, ...others] : others;
  }

  #own(): KeptComparisons | null {
    const counted = this.#context.comparisons();
    const { revision, since, versions } = counted.report();
    if (revision === null) return null;
    return {
      revision,
      since,
      versions: versions.map(({ library, version, comparisons, decided, mismatches }) => {
        return { library, version, comparisons, decided, mismatches };
      }),
      latency: counted.latencies.evidence(),
    };
  }

  async #keep(): Promise<void> {
    const own = this.#own();
    if (own === null || own.versions.length === 0) return;
    const text = JSON.stringify([own.revision, own.since, own.versions]);
    if (text === this.#kept) return;
    const { stage } = await this.#context.authorities.control();
    const body = JSON.parse(JSON.stringify(own)) as JsonValue;
    const note = { kind: kindOf(own.revision), key: this.#process, at: Date.now(), body };
    await this.#context.logs[deciderOf(stage)].putNote(note);
    this.#kept = text;
  }
}

/** Kind of the notes of one stage: those of earlier ones are never read again. */
function kindOf(revision: number): string {
  return `comparisons ${revision}`;
}

function dropUnreachable(error: unknown): void {
  if (!isUnreachable(error)) throw error;
}
