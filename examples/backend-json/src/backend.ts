import { type IndexedText, indexText, rankTexts } from '@switchyard/fts-text';
import * as core from '@switchyard/storage-core';
import * as sdk from '@switchyard/storage-core/backend';
import { applyMutation } from './apply.js';
import { fail, readState, type State, writeState } from './file.js';

const EMPTY: State = { hash: null, lastId: 0, ...sdk.copyTables() };

/** A store in one JSON file, which is read into memory and written as a whole. It searches full text only. */
export class JsonBackend extends sdk.BackendBase {
  readonly contractVersion = 1;
  readonly name = 'json';
  readonly writeBytesMax = 100_000;
  readonly capabilities: core.Capabilities = {
    metrics: ['l2'], // of no use without vectors, as the next two
    searchModes: ['exact'],
    maxDimension: 1,
    persistent: true,
    multiProcess: true,
    vectors: false,
  };
  readonly vectors = sdk.withoutVectors(this.name, (options, work) => this.run(options, work));
  #state = EMPTY;
  /** Terms of the chunks, which are never modified. */
  readonly #terms = new WeakMap<sdk.ChunkRow, IndexedText>();

  constructor(
    readonly path: string,
    readonly mustExist = false,
  ) {
    super();
  }

  protected override async doOpen(): Promise<void> {
    this.#state = readState(this.path, EMPTY);
    if (this.mustExist && this.#state.hash === null) throw fail('STORAGE_NOT_FOUND', `No ${this.path}.`);
  }

  protected override async doClose(): Promise<void> {
    this.#state = EMPTY;
  }

  override apply<const M extends readonly core.Mutation[]>(mutations: M, options?: core.CallOptions) {
    const attempt = () => {
      const [state, results] = writeState(this.path, this.#state, (current) => {
        sdk.checkMutations(this.name, this.capabilities, null, mutations, options);
        const changed = { ...current, ...sdk.copyTables(current) };
        const plain = JSON.parse(JSON.stringify(sdk.wellFormed(mutations))) as core.Mutation[];
        return [changed, plain.map((mutation) => applyMutation(changed, mutation))];
      });
      this.#state = state;
      return results as unknown as sdk.ResultsOf<M>;
    };
    const isTransient = (error: unknown) => core.isStorageError(error, 'STORAGE_BUSY');
    const retry = { backend: this.name, method: 'apply', isTransient };
    return this.run(options, () => sdk.retryTransient(attempt, retry, options));
  }

  /** Reads the state of the last write of any process, and returns a copy that the caller may modify. */
  #read<T>(options: core.CallOptions | undefined, work: (state: State) => T): Promise<T> {
    return this.run(options, () => {
      this.#state = readState(this.path, this.#state);
      return structuredClone(work(this.#state));
    });
  }

  readonly catalog = sdk.catalogOver((options, work) => this.#read(options, work));
  readonly migrator = sdk.singleLevelMigrator((options, work) => this.run(options, work), 1);

  readonly fts: sdk.FtsIndex = {
    match: (query, options) => this.#read(options, (state) => this.#match(state, query)),
    rebuild: (options) => this.run(options, () => this.#notSupported('ftsMaintenance')),
    audit: (options) => this.run(options, () => this.#notSupported('ftsMaintenance')),
  };

  #notSupported(flag: sdk.CapabilityFlag): never {
    throw fail('STORAGE_NOT_SUPPORTED', `The json backend does not support ${flag}.`);
  }

  #match(state: State, query: sdk.FtsQuery): sdk.FtsHit[] {
    sdk.requireFilters(this.name, this.capabilities, query.filter);
    sdk.checkFtsQuery(query);
    const version = sdk.findVersionIn(state, query.version);
    const texts = [...state.chunks.values()].map((chunk) => {
      const isExcluded = query.excludeStructural === true && sdk.isStructural(chunk.metadata);
      const page = state.pages.get(chunk.pageId) as core.PageRecord;
      const indexed = this.#terms.get(chunk) ?? indexText({ ...page, ...chunk, path: chunk.metadata.path });
      this.#terms.set(chunk, indexed);
      return { chunkId: chunk.id, indexed, isWanted: !isExcluded && page.versionId === version?.id };
    });
    return rankTexts(query.terms, texts, query);
  }

  override inspect(options?: core.CallOptions): Promise<core.BackendReport> {
    return this.#read(options, (state) => ({
      backend: this.name,
      location: this.path,
      engine: { name: 'JSON', version: '1' },
      schemaLevel: 1,
      counts: sdk.countRows(state),
      profile: null,
      bytes: {},
      capabilities: this.capabilities,
    }));
  }
}

/** Connection strings such as `json:./docs.json`. */
export const jsonBackend: sdk.BackendDefinition = {
  name: 'json',
  schemes: [{ prefix: 'json:', location: 'path', example: 'json:FILE', description: 'a JSON file' }],
  options: [],
  create({ location }, options) {
    if (location.type !== 'file') throw new TypeError('A store of the json backend is a file.');
    return new JsonBackend(location.path, options?.mustExist);
  },
};
