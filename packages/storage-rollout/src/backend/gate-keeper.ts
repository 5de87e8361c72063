import { type CallOptions, type StorageBackend, StorageError } from '@switchyard/storage-core';
import type { Comparisons } from '../compare/comparisons.js';
import {
  defaultLimits,
  type Evidence,
  type GateLimits,
  type LatencyEvidence,
  type VersionEvidence,
} from '../gates/evidence.js';
import { type Condition, type Judgment, judge } from '../gates/gate.js';
import type { ControlRow } from '../machine/control.js';
import { otherSide } from '../machine/sides.js';
import type { Authorities } from './authorities.js';
import { NAME } from './capabilities.js';
import type { KeptComparisons, KeptEvidence, KeptVerification } from './kept-evidence.js';
import type { Moves } from './moves.js';
import type { Logs } from './run-task.js';
import type { Verifier } from './verifier.js';

/** Settings of the gates of a rollout. */
export interface GateSettings {
  /** Limits other than `defaultLimits`. */
  readonly limits?: Partial<GateLimits> | undefined;
  /**
   * `full` if the new store makes every commit durable before it answers; `waived` if a power cut may take writes there and
   * that is accepted. `live` is entered with neither.
   */
  readonly durability?: 'full' | 'waived' | undefined;
}

/** Options of a change that a person makes. */
export interface ReasonOptions extends CallOptions {
  /** Reason for the audit log. */
  readonly reason?: string | undefined;
}

/** Facts of a promotion that only a person can know. */
export interface PromoteOptions extends ReasonOptions {
  /** Confirmation that `complete` asks for: the old store is left, and no process writes there by itself. */
  readonly confirmed?: boolean | undefined;
  /** Time of the last backup of the old store, in milliseconds since the epoch. */
  readonly backupAt?: number | undefined;
}

/** Dependencies of {@link GateKeeper}. */
export interface GateKeeperContext {
  readonly logs: Logs;
  readonly authorities: Authorities;
  readonly moves: Moves;
  readonly verifier: Verifier;
  readonly kept: KeptEvidence;
  /** Returns the comparisons of the open backend. */
  readonly comparisons: () => Comparisons;
  /** Returns the catalog of the rollout. */
  readonly catalog: () => StorageBackend['catalog'];
  readonly settings: GateSettings;
}

/** Gathers the evidence of a gate and judges it. */
export class GateKeeper {
  readonly #context: GateKeeperContext;

  constructor(context: GateKeeperContext) {
    this.#context = context;
  }

  /** Limits that apply. */
  get limits(): GateLimits {
    return { ...defaultLimits, ...this.#context.settings.limits };
  }

  /**
   * Judges whether the stage may be raised, after a verification where the last one is too old.
   *
   * @returns Null where there is no gate.
   * @throws StorageError `STORAGE_CONSTRAINT` with reason `gate` and, by name, each condition that is not met.
   */
  async require(row: ControlRow, options: PromoteOptions | undefined): Promise<Judgment | null> {
    if (row.stage === 'off' || row.stage === 'complete') return null;
    const libraries = await this.#libraries(options, true);
    const last = await this.#verification(row, libraries, options);
    if (last === null || last.differing > 0 || Date.now() - last.at >= this.limits.verificationAgeMs) {
      await this.#context.kept.keepVerification(await this.#context.verifier.verify(options));
    }
    // The store looks once more for what is dirty, in the transaction that raises the stage.
    const judgment = await this.#judge(row, options, true);
    if (judgment.passed) return judgment;
    const missing = judgment.conditions.filter(({ passed }) => !passed);
    throw new StorageError(
      'STORAGE_CONSTRAINT',
      `The gate out of '${row.stage}' is closed: ${missing.map(({ name, detail }) => `${name} (${detail})`).join(' ')}`,
      {
        backend: NAME,
        outcome: 'not-applied',
        details: {
          reason: 'gate',
          stage: row.stage,
          missing: missing.map(({ name }) => name).join(', '),
          ...Object.fromEntries(missing.map(({ name, detail }) => [name, detail])),
        },
      },
    );
  }

  /** Judges whether the stage may be raised, on what is known now. */
  judge(row: ControlRow, options: PromoteOptions | undefined): Promise<Judgment> {
    return this.#judge(row, options, false);
  }

  async #judge(row: ControlRow, options: PromoteOptions | undefined, isSettled: boolean): Promise<Judgment> {
    const evidence = await this.#evidence(row, options, isSettled);
    const { passed, conditions } = judge(row.stage, evidence, { limits: this.limits });
    const { durability } = this.#context.settings;
    const detail = durability === 'waived' ? 'Waived.' : 'Full, as the options say.';
    // The audit log is to tell which.
    const told = (one: Condition) =>
      one.name === 'durability' && durability !== undefined ? { ...one, detail } : one;
    return { passed, conditions: conditions.map(told) };
  }

  async #evidence(
    row: ControlRow,
    options: PromoteOptions | undefined,
    isSettled: boolean,
  ): Promise<Evidence> {
    const { comparisons, kept, settings } = this.#context;
    comparisons().during(row.revision);
    const compared = await kept.comparisons(row, options);
    const libraries = await this.#libraries(options, isSettled);
    return {
      now: Date.now(),
      libraries: libraries.map(({ epoch: _, ...library }) => library),
      verification: await this.#verification(row, libraries, options),
      comparisons: await this.#versions(compared, options),
      comparedSince: Math.min(Date.now(), ...compared.map(({ since }) => since)),
      latency: worstOf(compared),
      confirmed: options?.confirmed === true,
      backupAt: options?.backupAt ?? null,
      // There is no roster: the confirmation stands for it.
      olderProcesses: 0,
      isDurableOrWaived: settings.durability !== undefined,
    };
  }

  async #libraries(options: CallOptions | undefined, isSettled: boolean): Promise<readonly HeldLibrary[]> {
    const { logs, authorities, moves } = this.#context;
    const found: HeldLibrary[] = [];
    for (const library of await moves.libraries(options)) {
      const held = await authorities.of(library, options);
      if (held.kind !== 'held') {
        found.push({ library, epoch: null, isFilled: false, dirty: 1, hasGap: false });
        continue;
      }
      const { filled } = await logs[otherSide(held.side)].readAuthority(library, options);
      const isClean = isSettled || (await logs[held.side].readLast(library, options)) !== null;
      const { epoch } = held;
      found.push({ library, epoch, isFilled: filled === epoch, dirty: isClean ? 0 : 1, hasGap: false });
    }
    return found;
  }

  /** Last verification, unless a library has begun another epoch since or was not there. */
  async #verification(
    row: ControlRow,
    libraries: readonly HeldLibrary[],
    options: CallOptions | undefined,
  ): Promise<KeptVerification | null> {
    const last = await this.#context.kept.verification(row, options);
    if (last === null) return null;
    return libraries.every(({ library, epoch }) => last.epochs[library] === epoch) ? last : null;
  }

  /** Counts of every version, those that nobody asked included. */
  async #versions(
    compared: readonly KeptComparisons[],
    options: CallOptions | undefined,
  ): Promise<readonly VersionEvidence[]> {
    const overview = await this.#context.catalog().overview(options);
    return overview.map(({ version: { library, name }, chunks }) => {
      let [comparisons, decided, mismatches] = [0, 0, 0];
      for (const counts of compared.flatMap(({ versions }) => versions)) {
        if (counts.library !== library || counts.version !== name) continue;
        comparisons += counts.comparisons;
        decided += counts.decided;
        mismatches += counts.mismatches;
      }
      return { library, version: name, chunks, comparisons, decided, mismatches };
    });
  }
}

/** Library with the epoch of its holder; null if it is held by nobody. */
type HeldLibrary = Evidence['libraries'][number] & { readonly epoch: number | null };

/** Latencies of the process in which the new side is slowest beside the old one: percentiles cannot be added up. */
function worstOf(compared: readonly KeptComparisons[]): LatencyEvidence | null {
  const ratio = ({ old, new: other }: LatencyEvidence) => Math.max(other.p50 / old.p50, other.p99 / old.p99);
  const measured = compared.map(({ latency }) => latency).filter((latency) => latency !== null);
  return measured.sort((a, b) => ratio(b) - ratio(a))[0] ?? null;
}
