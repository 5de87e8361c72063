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
  checkProfileRequest,
  type FtsIndex,
  type Migrator,
  type ReconcileResult,
  type ResultsOf,
  type VectorIndex,
  withinCall,
} from '@switchyard/storage-core/backend';
import { isSelected, type Selection } from '../machine/buckets.js';
import type { ControlRow, StageCommand } from '../machine/control.js';
import { otherSide, type Side, sides } from '../machine/sides.js';
import { rankOf, type Stage } from '../machine/stages.js';
import { Authorities } from './authorities.js';
import { NAME, rolloutCapabilities } from './capabilities.js';
import { Drains } from './drains.js';
import { Locator } from './locate.js';
import { Moves } from './moves.js';
import { checkWrite, moving, refused, spans, unknownHolder } from './refusals.js';
import { type ReadRouter, routedCatalog, sideOfStage, storeOfVersion } from './routed-catalog.js';
import { type Logs, runTask } from './run-task.js';
import { logsOf, type Stores } from './stores.js';

/** Options of a {@link RolloutBackend}. */
export interface RolloutOptions {
  /** Store that the application has used so far. Opened and closed by the rollout. */
  readonly old: StorageBackend;
  /** Store that it moves to. */
  readonly new: StorageBackend;
  /** Identity of the present boot of the machine of each store; another one than before means that a tail may be lost. */
  readonly boots: Readonly<Record<Side, string>>;
  /** Libraries that begin at the new side in `live`. Default: none; others are moved by {@link RolloutBackend.move}. */
  readonly selection?: Selection | undefined;
  /** Longest time in milliseconds that a write waits for a library that is being moved. Default 2000. */
  readonly waitMs?: number | undefined;
}

/** Time in milliseconds between two looks at a library that is being moved. */
const LOOK_MS = 20;

/** Where a write goes. */
interface Held {
  readonly side: Side;
  readonly epochs: Readonly<Record<string, number>>;
  /** Stage in which that was found. */
  readonly stage: Stage;
}

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
  readonly #beginnings = new Map<string, Promise<void>>();
  #drains: Drains;

  constructor(options: RolloutOptions) {
    super();
    this.#options = options;
    this.#stores = { old: options.old, new: options.new };
    this.#logs = logsOf(this.#stores);
    this.#authorities = new Authorities(this.#logs);
    this.#locator = new Locator(this.#stores);
    this.#drains = new Drains(this.#logs);
    this.#moves = new Moves({
      stores: this.#stores,
      logs: this.#logs,
      authorities: this.#authorities,
      drains: () => this.#drains,
    });
    this.capabilities = rolloutCapabilities(options.old.capabilities, options.new.capabilities);
    const limits = [options.old.writeBytesMax, options.new.writeBytesMax].filter(
      (bytes) => bytes !== undefined,
    );
    this.writeBytesMax = limits.length === 0 ? undefined : Math.min(...limits);

    const router: ReadRouter = {
      sideOfAll: async (callOptions) => sideOfStage((await this.#authorities.control(callOptions)).stage),
      sideOf: (library, callOptions) => this.#readSide(library, callOptions),
    };
    const context = { stores: this.#stores, locator: this.#locator, router };
    const main = async (callOptions?: CallOptions) =>
      this.#stores[(await router.sideOfAll(callOptions)) ?? 'new'];
    this.catalog = routedCatalog({ ...context, run: (callOptions, work) => this.run(callOptions, work) });
    this.vectors = {
      profile: (o) => this.run(o, async () => (await main(o)).vectors.profile(o)),
      reconcile: (profile, policy, o) => this.run(o, () => this.#reconcile(profile, policy, o)),
      nearest: (query, o) =>
        this.run(o, async () => (await storeOfVersion(context, query.version, o)).vectors.nearest(query, o)),
      hasAny: (query, o) =>
        this.run(o, async () => {
          const side = await router.sideOfAll(o);
          if (side !== null) return this.#stores[side].vectors.hasAny(query, o);
          for (const version of query.versions) {
            const store = await storeOfVersion(context, version, o);
            if (await store.vectors.hasAny({ ...query, versions: [version] }, o)) return true;
          }
          return false;
        }),
      stats: (o) => this.run(o, async () => (await main(o)).vectors.stats(o)),
      rebuild: (o) => this.run(o, async () => (await main(o)).vectors.rebuild(o)),
      audit: (o) => this.run(o, async () => (await main(o)).vectors.audit(o)),
    };
    this.fts = {
      match: (query, o) =>
        this.run(o, async () => (await storeOfVersion(context, query.version, o)).fts.match(query, o)),
      rebuild: (o) => this.run(o, async () => (await main(o)).fts.rebuild(o)),
      audit: (o) => this.run(o, async () => (await main(o)).fts.audit(o)),
    };
    this.migrator = {
      status: (o) => this.run(o, async () => (await main(o)).migrator.status(o)),
      plan: (o) => this.run(o, async () => (await main(o)).migrator.plan(o)),
      migrate: (o) =>
        this.run(o, async () => {
          const first = await main(o);
          const second = first === this.#stores.old ? this.#stores.new : this.#stores.old;
          await second.migrator.migrate(o);
          return first.migrator.migrate(o);
        }),
    };
  }

  /** Errors of the stores become those of the rollout. */
  protected override run<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return super.run(options, work).catch((error: unknown) => {
      throw isStorageError(error) ? error.with({ backend: NAME }) : error;
    });
  }

  protected override async doOpen(options: CallOptions | undefined): Promise<void> {
    try {
      for (const side of sides) await this.#stores[side].open(options);
      for (const side of sides) await this.#logs[side].connect(this.#options.boots[side], options);
    } catch (error) {
      await this.#closeStores();
      throw error;
    }
    this.#authorities.forget();
    this.#drains = new Drains(this.#logs);
    for (const library of await this.#moves.libraries(options)) await this.#requestDrain(library);
  }

  protected override async doClose(): Promise<void> {
    await this.#drains.close();
    await this.#closeStores();
  }

  async #closeStores(): Promise<void> {
    for (const side of sides) await this.#stores[side].close();
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
      const libraries = await this.#librariesOf(mutations, options);
      const operationId = options?.operationId ?? randomUUID();
      const until = Date.now() + (this.#options.waitMs ?? 2000);
      for (;;) {
        const held = await this.#holderOf(libraries, options);
        if (held !== null) {
          try {
            const write = { ...options, epochs: held.epochs, operationId };
            const results = await this.#stores[held.side].apply(mutations, write);
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
      const side = sideOfStage((await this.#authorities.control(options)).stage) ?? 'new';
      const report = await this.#stores[side].inspect(options);
      return { ...report, backend: this.name, capabilities: this.capabilities };
    });
  }

  /** Returns the persisted stage. */
  control(options?: CallOptions): Promise<ControlRow> {
    return this.run(options, async () => (await this.#logs.old.readControl(options)).row);
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
    return this.run(options, () => this.#moves.settle(options));
  }

  /** Fills the side that does not hold a library with everything the other one holds, and marks it as complete. */
  backfill(library: string, options?: CallOptions): Promise<void> {
    return this.run(options, () => this.#moves.backfill(library, options));
  }

  /** Moves the authority over a library. A side that takes over must have been filled: see {@link backfill}. */
  move(library: string, to: Side, options?: CallOptions): Promise<void> {
    return this.run(options, () => this.#moves.move(library, to, options));
  }

  /**
   * Raises the stage by one. Backfills first what has not been filled. `rampdown` requires that every library was moved to
   * the new side.
   *
   * @throws StorageError `STORAGE_CONSTRAINT` if a condition does not hold.
   */
  promote(options?: CallOptions): Promise<ControlRow> {
    return this.run(options, async () => {
      const { stage } = (await this.#logs.old.readControl(options)).row;
      if (stage === 'live' || stage === 'rampdown') await this.#requireAllAt('new', options);
      if (stage !== 'off') await this.#moves.backfillAll(options);
      await this.#moves.settle(options);
      return this.#changeStage({ kind: 'promote' }, options);
    });
  }

  /** Lowers the stage. Below `live`, every library is moved back to the old side first. */
  demote(to: Stage, options?: CallOptions): Promise<ControlRow> {
    return this.run(options, async () => {
      const { stage } = (await this.#logs.old.readControl(options)).row;
      const isAbove = rankOf(stage) > rankOf('live');
      // First to where libraries may be at either side, so that nothing begins at the new one any more.
      if (isAbove && rankOf(to) < rankOf('live'))
        await this.#changeStage({ kind: 'demote', to: 'live' }, options);
      if (rankOf(to) < rankOf('live')) {
        for (const name of await this.#moves.libraries(options)) {
          const { authority } = await this.#logs.old.readAuthority(name, options);
          if (authority.holder === 'new') await this.#moves.move(name, 'old', options);
        }
      }
      return this.#changeStage({ kind: 'demote', to }, options);
    });
  }

  async #changeStage(command: StageCommand, options: CallOptions | undefined): Promise<ControlRow> {
    const task = { kind: 'stage', command, state: { at: 'markers' } } as const;
    const { answer } = await runTask(this.#logs, task, { options });
    this.#authorities.forget();
    if (answer?.kind === 'refused')
      throw refused(`The stage cannot be changed: ${answer.reason}.`, answer.reason);
    return this.#authorities.control(options);
  }

  async #requireAllAt(side: Side, options: CallOptions | undefined): Promise<void> {
    for (const name of await this.#moves.libraries(options)) {
      this.#authorities.forget(name);
      const found = await this.#authorities.of(name, options);
      if (found.kind !== 'held' || found.side !== side) {
        throw refused(`The library '${name}' is not at the ${side} side yet; move it first.`, 'not-holder');
      }
    }
  }

  async #requestDrain(library: string): Promise<void> {
    const found = await this.#authorities.of(library);
    if (found.kind === 'held') this.#drains.request(library, found.side);
  }

  /** Side that answers reads of a library in `live`: its holder, or the fenced side while it moves. */
  async #readSide(library: string | null, options: CallOptions | undefined): Promise<Side> {
    if (library === null) return 'new';
    const found = await this.#authorities.of(library, options);
    if (found.kind === 'held') return found.side;
    return found.kind === 'moving' ? otherSide(found.to) : 'old';
  }

  /** Names of the libraries that mutations concern. */
  async #librariesOf(
    mutations: readonly Mutation[],
    options: CallOptions | undefined,
  ): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const mutation of mutations) {
      if (mutation.kind === 'clear') {
        for (const name of await this.#moves.libraries(options)) names.add(name);
      } else {
        const name = await this.#locator.ofMutation(mutation, options);
        if (name !== null) names.add(name);
      }
    }
    return [...names];
  }

  /** Side and epochs of libraries; null while one of them is being moved. */
  async #holderOf(libraries: readonly string[], options: CallOptions | undefined): Promise<Held | null> {
    const { stage } = await this.#authorities.control(options);
    const epochs: Record<string, number> = {};
    const found = new Set<Side>();
    for (const library of libraries) {
      const authority = await this.#authorities.of(library, options);
      if (authority.kind === 'moving') return null;
      if (authority.kind === 'unknown') throw unknownHolder(library);
      if (authority.side === 'old' && (await this.#isToMove(library, stage, options))) {
        await this.#begin(library, options);
        return null;
      }
      epochs[library] = authority.epoch;
      found.add(authority.side);
    }
    const [side = sideOfStage(stage) ?? 'new', ...others] = found;
    if (others.length > 0) throw spans(libraries);
    return { side, epochs, stage };
  }

  /** Moves a library that has no content to the new side, once for all writes that wait for it. */
  #begin(library: string, options: CallOptions | undefined): Promise<void> {
    const known = this.#beginnings.get(library);
    if (known !== undefined) return known;
    const beginning = (async () => {
      await this.#moves.backfill(library, options);
      await this.#moves.move(library, 'new', options);
    })().finally(() => this.#beginnings.delete(library));
    this.#beginnings.set(library, beginning);
    return beginning;
  }

  /** Returns true for a library that is at the old side and is to be written at the new one. */
  async #isToMove(library: string, stage: Stage, options: CallOptions | undefined): Promise<boolean> {
    if (rankOf(stage) < rankOf('live')) return false;
    const { selection } = this.#options;
    const isWanted = stage !== 'live' || (selection !== undefined && isSelected(library, selection));
    if (!isWanted) return false;
    // One that has content is moved by a command, because writers would have to wait.
    return (await this.#stores.old.catalog.library({ library }, options)) === null;
  }

  async #reconcile(
    profile: Parameters<VectorIndex['reconcile']>[0],
    policy: Parameters<VectorIndex['reconcile']>[1],
    options: CallOptions | undefined,
  ): Promise<ReconcileResult> {
    checkProfileRequest(NAME, this.capabilities, profile);
    const { stage } = await this.#authorities.control(options);
    if (stage === 'complete') return this.#stores.new.vectors.reconcile(profile, policy, options);
    const first = sideOfStage(stage) ?? 'old';
    // While either side may hold libraries, a reset would leave vectors of both models.
    const isKept = rankOf(stage) >= rankOf('live');
    const result = await this.#stores[first].vectors.reconcile(profile, isKept ? 'refuse' : policy, options);
    await this.#stores[otherSide(first)].vectors.reconcile(result.profile, policy, options);
    if (result.outcome === 'unchanged') return result;
    // A reset begins new epochs, and what was delivered in between may have vectors of the earlier model.
    this.#authorities.forget();
    if (stage !== 'off') await this.#moves.backfillAll(options);
    return result;
  }
}
