import { randomUUID } from 'node:crypto';
import {
  type BackendReport,
  type CallOptions,
  type Capabilities,
  isStorageError,
  type Mutation,
  type StorageBackend,
} from '@switchyard/storage-core';
import {
  BackendBase,
  type Catalog,
  type FtsIndex,
  type Migrator,
  type ResultsOf,
  type VectorIndex,
  withinCall,
} from '@switchyard/storage-core/backend';
import { Comparisons } from '../compare/comparisons.js';
import type { Judgment } from '../gates/gate.js';
import type { Ceiling } from '../machine/ceiling.js';
import type { ControlRow } from '../machine/control.js';
import { otherSide, type Side } from '../machine/sides.js';
import type { Stage } from '../machine/stages.js';
import type { ConflictRecord } from '../stores/conflict-note.js';
import type { VerificationReport } from '../verify/verification.js';
import { type AuditEntry, AuditLog } from './audit-log.js';
import { Authorities } from './authorities.js';
import { NAME, rolloutCapabilities } from './capabilities.js';
import { Drains } from './drains.js';
import { isUnreachable } from './errors.js';
import { type ForcedDemotion, ForcedMoves, type ForcedStage } from './forced-moves.js';
import { GateKeeper, type PromoteOptions, type ReasonOptions } from './gate-keeper.js';
import { KeptEvidence } from './kept-evidence.js';
import { LiveGuard } from './live-guard.js';
import { Locator } from './locate.js';
import { Moves } from './moves.js';
import type { RolloutOptions } from './options.js';
import { ReadComparer } from './read-comparer.js';
import { ReadRouter } from './read-router.js';
import { adoptProfile, reconcileBoth } from './reconcile.js';
import { checkWrite, moving } from './refusals.js';
import { routedCatalog } from './routed-catalog.js';
import { routedMigrator } from './routed-migrator.js';
import { routedSearch } from './routed-search.js';
import type { Logs } from './run-task.js';
import { SideStores } from './side-stores.js';
import { StageCommands } from './stage-commands.js';
import { type RolloutStatus, readStatus } from './status.js';
import { logsOf, type Stores } from './stores.js';
import { Verifier, type VerifyOptions } from './verifier.js';
import { WriteRouter } from './write-router.js';

/** Time in milliseconds between two looks at a library that is being moved. */
const LOOK_MS = 20;

/** Ceiling of a process without a flag. */
const UNLIMITED: Ceiling = { kind: 'known', stage: 'complete' };

/**
 * A store made of two, which moves from one to the other while it is in use. Both must be enrolled: see
 * {@link enrollStores}. Experimental.
 */
export class RolloutBackend extends BackendBase {
  readonly contractVersion = 1;
  readonly name = NAME;
  readonly capabilities: Capabilities;
  readonly writeBytesMax: number | undefined;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;

  readonly #stores: Stores;
  readonly #logs: Logs;
  readonly #options: RolloutOptions;
  readonly #authorities: Authorities;
  readonly #locator: Locator;
  readonly #moves: Moves;
  readonly #router: ReadRouter;
  readonly #commands: StageCommands;
  readonly #comparer: ReadComparer;
  readonly #writes: WriteRouter;
  readonly #verifier: Verifier;
  readonly #gates: GateKeeper;
  readonly #guard: LiveGuard;
  readonly #kept: KeptEvidence;
  readonly #audit: AuditLog;
  readonly #forced: ForcedMoves;
  #drains: Drains;
  #sides: SideStores;
  #comparisons: Comparisons;

  constructor(options: RolloutOptions) {
    super();
    this.#options = options;
    this.#stores = { old: options.old, new: options.new };
    this.#logs = logsOf(this.#stores);
    this.#authorities = new Authorities(this.#logs);
    this.#locator = new Locator(this.#stores);
    this.capabilities = rolloutCapabilities(options.old.capabilities, options.new.capabilities);
    this.#drains = new Drains(this.#logs);
    this.#audit = new AuditLog(this.#logs);
    this.#moves = new Moves({
      audit: this.#audit,
      stores: this.#stores,
      logs: this.#logs,
      authorities: this.#authorities,
      drains: () => this.#drains,
    });
    const records = { logs: this.#logs, authorities: this.#authorities };
    this.#router = new ReadRouter({ ...records, ceiling: () => options.ceiling?.current ?? UNLIMITED });
    const comparisons = () => this.#comparisons;
    const moved = { ...records, moves: this.#moves, drains: () => this.#drains };
    this.#verifier = new Verifier({ ...moved, stores: this.#stores });
    this.#kept = new KeptEvidence({ ...records, comparisons });
    this.#gates = new GateKeeper({
      ...records,
      moves: this.#moves,
      verifier: this.#verifier,
      kept: this.#kept,
      comparisons,
      catalog: () => this.catalog,
      settings: options.gates ?? {},
    });
    this.#forced = new ForcedMoves({ ...moved, audit: this.#audit });
    this.#commands = new StageCommands({ ...moved, gates: this.#gates, audit: this.#audit });
    const guarded = { authorities: this.#authorities, commands: this.#commands, gates: this.#gates };
    this.#guard = new LiveGuard({ ...guarded, comparisons });
    const kept = { ...records, stores: this.#stores, moves: this.#moves };
    this.#writes = new WriteRouter({ ...kept, selection: options.selection });
    this.#sides = this.#makeSides();
    this.#comparisons = this.#makeComparisons();
    const compared = { ...records, stores: this.#stores, router: this.#router };
    this.#comparer = new ReadComparer({ ...compared, comparisons });
    const limits = [options.old.writeBytesMax, options.new.writeBytesMax].filter(
      (bytes) => bytes !== undefined,
    );
    this.writeBytesMax = limits.length === 0 ? undefined : Math.min(...limits);

    const router = this.#router;
    const context = { stores: this.#stores, locator: this.#locator, router };
    this.catalog = routedCatalog({ ...context, run: (callOptions, work) => this.run(callOptions, work) });
    /** Reads what concerns the whole store: from the side of the stage, in `live` from the new one. */
    const whole = async <T>(o: CallOptions | undefined, read: (store: StorageBackend) => Promise<T>) => {
      const side = (await router.sideOfAll()) ?? 'new';
      const fallback = (await router.stage()) === 'live' ? otherSide(side) : null;
      return router.read({ side, fallback, compared: null }, o, (one) => read(this.#stores[one]));
    };
    const main = async () => this.#stores[(await router.sideOfAll()) ?? 'new'];
    const run = <T>(o: CallOptions | undefined, work: () => Promise<T>) => this.run(o, work);
    const both = { ...kept, capabilities: this.capabilities };
    const search = routedSearch({
      ...{ context, whole, main, run, comparer: this.#comparer },
      reconcile: (profile, policy, o) => reconcileBoth(both, profile, policy, o),
    });
    this.vectors = search.vectors;
    this.fts = search.fts;
    this.migrator = routedMigrator({
      stores: this.#stores,
      authorities: this.#authorities,
      main,
      run,
    });
  }

  /** Errors of the stores become those of the rollout. */
  protected override run<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return super.run(options, work).catch((error: unknown) => {
      throw isStorageError(error) ? error.with({ backend: NAME }) : error;
    });
  }

  protected override async doOpen(options: CallOptions | undefined): Promise<void> {
    this.#authorities.forget();
    this.#drains = new Drains(this.#logs);
    this.#sides = this.#makeSides();
    this.#comparisons = this.#makeComparisons();
    await this.#sides.open(options);
    for (const library of await this.#moves.knownLibraries()) await this.#resume(library);
    await this.#authorities.carry().catch(dropUnreachable);
    await this.#audit.carry();
    await this.#forced.rejoin(options);
    this.#kept.open();
  }

  protected override async doClose(): Promise<void> {
    await this.#comparisons.close();
    await this.#guard.close();
    await this.#kept.close();
    await this.#drains.close();
    await this.#sides.close();
  }

  #makeComparisons(): Comparisons {
    return new Comparisons(this.#options.comparisons, () => this.#guard.check());
  }

  #makeSides(): SideStores {
    return new SideStores({
      stores: this.#stores,
      logs: this.#logs,
      boots: this.#options.boots,
      openMs: this.#options.openMs ?? 2000,
      // What goes wrong here is reported by the calls that need the side; nobody waits for this one.
      opened: (side) => void this.#welcome(side).catch(() => undefined),
    });
  }

  /** Brings a side up to date that was opened late. */
  async #welcome(side: Side): Promise<void> {
    await adoptProfile(this.#stores, side);
    await this.#authorities.carry();
    await this.#audit.carry();
    await this.#forced.rejoin(undefined);
    this.#authorities.forget();
    for (const library of await this.#moves.knownLibraries()) await this.#resume(library);
  }

  /**
   * Writes to the side that holds the libraries of the mutations. The other side gets the result from a drain, which the
   * caller does not wait for.
   *
   * @throws StorageError `STORAGE_MUTATION_SPANS` if the libraries are held by different sides; `STORAGE_BUSY` if one is
   * being moved for too long; `STORAGE_UNREACHABLE` if nobody is known to hold it.
   */
  override apply<const M extends readonly Mutation[]>(
    mutations: M,
    options?: CallOptions,
  ): Promise<ResultsOf<M>> {
    return this.run(options, async () => {
      checkWrite(mutations, options);
      const libraries = await this.#locator.ofMutations(
        mutations,
        () => this.#moves.knownLibraries(),
        options,
      );
      const operationId = options?.operationId ?? randomUUID();
      const until = Date.now() + (this.#options.waitMs ?? 2000);
      for (;;) {
        const held = await this.#writes.holderOf(libraries, options);
        if (held !== null) {
          try {
            const write = { ...options, epochs: held.epochs, operationId };
            const wrote = () => {
              for (const library of libraries) this.#router.wrote(library);
            };
            wrote();
            // Again when it is done: in between, the library may have been seen as clean.
            const results = await this.#stores[held.side].apply(mutations, write).finally(wrote);
            // Nothing may fail from here on: the write is committed.
            if (held.stage !== 'complete') {
              for (const library of libraries) this.#drains.request(library, held.side);
            }
            return results;
          } catch (error) {
            if (!isStorageError(error, 'STORAGE_EPOCH_CHANGED')) throw error;
          }
        }
        for (const library of libraries) this.#authorities.forget(library);
        if (Date.now() > until) throw moving(libraries);
        await withinCall(options, NAME, new Promise((resolve) => setTimeout(resolve, LOOK_MS)));
      }
    });
  }

  override inspect(options?: CallOptions): Promise<BackendReport> {
    return this.run(options, async () => {
      const side = (await this.#router.sideOfAll()) ?? 'new';
      const report = await this.#stores[side].inspect(options);
      return { ...report, backend: this.name, capabilities: this.capabilities };
    });
  }

  /** Returns the persisted stage. */
  control(options?: CallOptions): Promise<ControlRow> {
    return this.run(options, () => this.#commands.row());
  }

  /** Returns the stage, both sides and all libraries. Works while one side cannot be reached. */
  status(options?: CallOptions): Promise<RolloutStatus> {
    return this.run(options, async () => {
      const context = { logs: this.#logs, authorities: this.#authorities, moves: this.#moves };
      const found = await readStatus(context);
      this.#comparisons.during(found.row.revision);
      return {
        ...found,
        sides: this.#sides.status,
        fallbackReads: this.#router.fallbacks,
        comparisons: this.#comparisons.report(),
        verification: this.#kept.last,
        demotion: this.#guard.last,
      };
    });
  }

  /** Returns the side that holds a library; null while it is being moved, or if nobody is known to hold it. */
  holder(library: string, options?: CallOptions): Promise<Side | null> {
    return this.run(options, async () => {
      this.#authorities.forget(library);
      const found = await this.#authorities.of(library, options);
      return found.kind === 'held' ? found.side : null;
    });
  }

  /** Waits until nothing is dirty on either side. @throws StorageError if a side cannot be reached. */
  settle(options?: CallOptions): Promise<void> {
    return this.run(options, async () => {
      await this.#forced.rejoin(options);
      return this.#moves.settle(options);
    });
  }

  /** Fills the side that does not hold a library with everything the other one holds, and marks it as complete. */
  backfill(library: string, options?: CallOptions): Promise<void> {
    return this.run(options, () => this.#moves.backfill(library, options));
  }

  /** Moves the authority over a library. A side that takes over must have been filled: see {@link backfill}. */
  move(library: string, to: Side, options?: ReasonOptions): Promise<void> {
    return this.run(options, () => this.#moves.move(library, to, options));
  }

  /**
   * Compares both stores row by row, by digests, while they are in use. Whatever is dirty is delivered first. A row that is
   * written each time it is looked at stays undecided. With `repair`, rows that differ are delivered again.
   *
   * @throws StorageError `STORAGE_CONSTRAINT` in `off` and `complete`, `STORAGE_BUSY` while a library moves, `STORAGE_UNREACHABLE`.
   */
  verify(options?: VerifyOptions): Promise<VerificationReport> {
    return this.run(options, async () => {
      await this.#forced.rejoin(options);
      const report = await this.#verifier.verify(options);
      if (report.repaired > 0) this.#comparisons.restart();
      await this.#kept.keepVerification(report);
      return report;
    });
  }

  /** Returns all moves of the rollout, oldest first, with their reasons and evidence. Works with one side. */
  audit(options?: CallOptions): Promise<readonly AuditEntry[]> {
    return this.run(options, () => this.#audit.entries(options));
  }

  /** Judges the gate out of the present stage on what this process knows now. Changes nothing. */
  judge(options?: PromoteOptions): Promise<Judgment> {
    return this.run(options, async () => this.#gates.judge(await this.#commands.row(), options));
  }

  /**
   * Raises the stage by one, and clears the latch. Backfills first what has not been filled, and verifies both stores if the
   * last verification of this process is too old. `rampdown` requires that every library was moved to the new side.
   *
   * @throws StorageError `STORAGE_CONSTRAINT` if a condition does not hold; those of the gate are in `details`, by name, with
   * the reason `gate`.
   */
  promote(options?: PromoteOptions): Promise<ControlRow> {
    return this.run(options, async () => {
      await this.#forced.requireNoConflicts(options);
      return this.#commands.promote(options);
    });
  }

  /**
   * Lowers the stage. Below `live`, every library is moved back to the old side first.
   *
   * @throws StorageError `STORAGE_UNREACHABLE` if the side that decides cannot be reached: the old one up to `shadow`, the
   * new one from `live` on.
   */
  demote(to: Stage, options?: ReasonOptions): Promise<ControlRow> {
    return this.run(options, () => this.#commands.demote(to, options));
  }

  /**
   * Lowers the stage while the new side, which decides, cannot be reached: the word of a person that nobody writes there.
   * When it returns, what it had not delivered becomes {@link conflicts}, never merged. Sets the latch.
   *
   * @throws StorageError `STORAGE_CONSTRAINT` if the new side can be reached, or does not decide.
   */
  forceDemote(to: ForcedStage, options?: ReasonOptions): Promise<ForcedDemotion> {
    return this.run(options, () => this.#forced.demote(to, options));
  }

  /** Returns the undecided conflicts of forced demotions, with the rows that were left behind. */
  conflicts(options?: CallOptions): Promise<readonly ConflictRecord[]> {
    return this.run(options, () => this.#forced.conflicts(options));
  }

  /** Notes what was decided of a conflict; a row that is to be kept is written by {@link apply}. @returns False if unknown. */
  resolveConflict(id: string, resolution: string, options?: CallOptions): Promise<boolean> {
    return this.run(options, () => this.#forced.resolve(id, resolution, options));
  }

  /** Continues in the background what was left: a drain, or the move of a library that was fenced and not admitted. */
  async #resume(library: string): Promise<void> {
    const found = await this.#authorities.of(library);
    if (found.kind === 'held') this.#drains.request(library, found.side);
    if (found.kind === 'moving') void this.#moves.move(library, found.to, undefined).catch(() => undefined);
  }
}

function dropUnreachable(error: unknown): void {
  if (!isUnreachable(error)) throw error;
}
