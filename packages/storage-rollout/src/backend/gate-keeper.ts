import { type CallOptions, type StorageBackend, StorageError } from '@switchyard/storage-core';
import type { Comparisons } from '../compare/comparisons.js';
import { defaultLimits, type Evidence, type GateLimits, type VersionEvidence } from '../gates/evidence.js';
import { type Judgment, judge } from '../gates/gate.js';
import type { ControlRow } from '../machine/control.js';
import { otherSide } from '../machine/sides.js';
import type { Authorities } from './authorities.js';
import { NAME } from './capabilities.js';
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

/** Facts of a promotion that only a person can know. */
export interface PromoteOptions extends CallOptions {
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
   * @throws StorageError `STORAGE_CONSTRAINT` with reason `gate` and, by name, each condition that is not met.
   */
  async require(row: ControlRow, options: PromoteOptions | undefined): Promise<void> {
    const { verifier } = this.#context;
    if (row.stage === 'off' || row.stage === 'complete') return;
    const { last } = verifier;
    if (last === null || last.differing > 0 || Date.now() - last.at >= this.limits.verificationAgeMs) {
      await verifier.verify(options);
    }
    // The store looks once more for what is dirty, in the transaction that raises the stage.
    const judgment = await this.#judge(row, options, true);
    if (judgment.passed) return;
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
    return judge(row.stage, await this.#evidence(row, options, isSettled), { limits: this.limits });
  }

  async #evidence(
    row: ControlRow,
    options: PromoteOptions | undefined,
    isSettled: boolean,
  ): Promise<Evidence> {
    const { comparisons, verifier, settings } = this.#context;
    const compared = comparisons();
    compared.during(row.revision);
    return {
      now: Date.now(),
      libraries: await this.#libraries(options, isSettled),
      verification: verifier.last,
      comparisons: await this.#versions(options),
      comparedSince: compared.report().since,
      latency: compared.latencies.evidence(),
      confirmed: options?.confirmed === true,
      backupAt: options?.backupAt ?? null,
      // There is no roster: the confirmation stands for it.
      olderProcesses: 0,
      isDurableOrWaived: settings.durability !== undefined,
    };
  }

  async #libraries(options: CallOptions | undefined, isSettled: boolean): Promise<Evidence['libraries']> {
    const { logs, authorities, moves } = this.#context;
    const found: Evidence['libraries'][number][] = [];
    for (const library of await moves.libraries(options)) {
      const held = await authorities.of(library, options);
      if (held.kind !== 'held') {
        found.push({ library, isFilled: false, dirty: 1, hasGap: false });
        continue;
      }
      const { filled } = await logs[otherSide(held.side)].readAuthority(library, options);
      const isClean = isSettled || (await logs[held.side].readLast(library, options)) !== null;
      found.push({ library, isFilled: filled === held.epoch, dirty: isClean ? 0 : 1, hasGap: false });
    }
    return found;
  }

  /** Counts of every version, those that nobody asked included. */
  async #versions(options: CallOptions | undefined): Promise<readonly VersionEvidence[]> {
    const { comparisons, catalog } = this.#context;
    const counted = new Map(
      comparisons()
        .report()
        .versions.map((counts) => [JSON.stringify([counts.library, counts.version]), counts]),
    );
    const none = { comparisons: 0, decided: 0, mismatches: 0 };
    return (await catalog().overview(options)).map(({ version, chunks }) => {
      const { library, name } = version;
      const counts = counted.get(JSON.stringify([library, name])) ?? none;
      const { comparisons: count, decided, mismatches } = counts;
      return { library, version: name, chunks, comparisons: count, decided, mismatches };
    });
  }
}
