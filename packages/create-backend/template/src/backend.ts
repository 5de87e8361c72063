import type { BackendReport, CallOptions, Mutation, MutationResult } from '@switchyard/storage-core';
import {
  BackendBase,
  type CallRunner,
  type Catalog,
  checkMutations,
  type FtsIndex,
  isLoggedWrite,
  type Migrator,
  type ResultsOf,
  requireCapability,
  type VectorIndex,
  withoutFts,
  withoutVectors,
} from '@switchyard/storage-core/backend';
import { applyMutation } from './apply.js';
import { capabilities } from './capabilities.js';
import { inspect } from './inspect.js';
import { migrator } from './migrator.js';
import { catalogPort } from './ports/catalog.js';
import { ftsPort } from './ports/fts.js';
import { vectorsPort } from './ports/vectors.js';
import { Store } from './store.js';

/** Options of a {@link TemplateBackend}. */
export interface TemplateBackendOptions {
  /** Place of the store, as it follows the scheme in a connection string. */
  readonly location: string;
}

/** Stores libraries, versions, pages and chunks in template-scheme. */
export class TemplateBackend extends BackendBase {
  /** Version of the ports that this backend implements. Change it deliberately: see the guide. */
  readonly contractVersion = 1;
  readonly name = 'template-scheme';
  readonly capabilities = capabilities;
  readonly migrator: Migrator;
  readonly catalog: Catalog;
  readonly vectors: VectorIndex;
  readonly fts: FtsIndex;
  readonly #store: Store;

  constructor({ location }: TemplateBackendOptions) {
    super();
    this.#store = new Store(location);
    // Every call of every port runs through this: it is refused when closed, aborted or late, and close() waits for it.
    const run: CallRunner = (options, work) => this.run(options, work);
    this.migrator = migrator(run);
    this.catalog = catalogPort(this.#store, run);
    this.vectors = capabilities.vectors ? vectorsPort(this.#store, run) : withoutVectors(this.name, run);
    this.fts = capabilities.fts ? ftsPort(this.#store, run) : withoutFts(this.name, run);
  }

  protected override doOpen(): Promise<void> {
    return this.#store.open();
  }

  protected override doClose(): Promise<void> {
    return this.#store.close();
  }

  override apply<const M extends readonly Mutation[]>(
    mutations: M,
    options?: CallOptions,
  ): Promise<ResultsOf<M>> {
    return this.run(options, async () => {
      // Writes of a rollout, which you support with the capability `changeLog`.
      if (options !== undefined && isLoggedWrite(options)) {
        requireCapability(this.name, this.capabilities, 'changeLog');
      }
      const results = await this.#store.write(async (transaction) => {
        const profile = await this.#store.profile(transaction);
        // All are checked before the first one is applied.
        checkMutations(this.name, this.capabilities, profile, mutations);
        const done: MutationResult[] = [];
        for (const mutation of mutations) done.push(await applyMutation(transaction, mutation));
        return done;
      });
      return results as unknown as ResultsOf<M>;
    });
  }

  override inspect(options?: CallOptions): Promise<BackendReport> {
    return this.run(options, () => inspect(this.#store));
  }
}
