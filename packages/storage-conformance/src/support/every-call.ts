import type { CallOptions, StorageBackend } from '@switchyard/storage-core';
import type { VectorStaging } from '@switchyard/storage-core/backend';
import { testDimension, testModel } from '../suite/context.js';
import { chunk, fastify, replacePage } from './build.js';
import { hasFts, hasVectors } from './declared.js';

/** One call of a port. */
export interface PortCall {
  /** Name of the call, such as `catalog.pages`. */
  readonly name: string;
  readonly isWrite: boolean;
  readonly call: (options?: CallOptions) => Promise<unknown>;
  /** Prepares the store so that the call succeeds. */
  readonly prepare?: () => Promise<unknown>;
}

/** Lists every call that the backend declares, with valid arguments. */
export function everyCall(backend: StorageBackend): PortCall[] {
  const { capabilities, catalog, vectors, fts, migrator } = backend;
  const query = new Float32Array(testDimension).fill(1);
  const calls: PortCall[] = [];
  const read = (name: string, call: PortCall['call']) => calls.push({ name, isWrite: false, call });
  const write = (name: string, call: PortCall['call'], prepare?: () => Promise<unknown>) =>
    calls.push({ name, isWrite: true, call, ...(prepare === undefined ? {} : { prepare }) });

  read('catalog.libraries', (options) => catalog.libraries(options));
  read('catalog.library', (options) => catalog.library({ library: 'fastify' }, options));
  read('catalog.version', (options) => catalog.version(fastify, options));
  read('catalog.versions', (options) => catalog.versions({ library: 'fastify' }, options));
  read('catalog.versionsByStatus', (options) => catalog.versionsByStatus(['queued'], options));
  read('catalog.versionsBySourceUrl', (options) =>
    catalog.versionsBySourceUrl('https://example.org', options),
  );
  read('catalog.overview', (options) => catalog.overview(options));
  read('catalog.hasChunks', (options) => catalog.hasChunks(fastify, options));
  read('catalog.pages', (options) => catalog.pages(fastify, options));
  read('catalog.page', (options) => catalog.page({ version: fastify, url: '/a' }, options));
  read('catalog.chunks', (options) => catalog.chunks([1], undefined, options));
  read('catalog.chunksByUrl', (options) => catalog.chunksByUrl(fastify, '/a', options));
  read('catalog.relatives', (options) => catalog.relatives({ chunkIds: [1], parent: true }, options));
  read('catalog.snapshot', (options) => catalog.snapshot({ version: fastify, limit: 1 }, options));
  read('vectors.profile', (options) => vectors.profile(options));
  if (hasVectors(backend)) {
    read('vectors.nearest', (options) =>
      vectors.nearest({ version: fastify, vector: query, limit: 1 }, options),
    );
  }
  read('vectors.hasAny', (options) => vectors.hasAny({ versions: [fastify] }, options));
  read('vectors.stats', (options) => vectors.stats(options));
  if (hasFts(backend)) {
    read('fts.match', (options) => fts.match({ version: fastify, terms: ['a'], limit: 1 }, options));
  }
  read('inspect', (options) => backend.inspect(options));
  read('migrator.status', (options) => migrator.status(options));
  read('migrator.plan', (options) => migrator.plan(options));
  write('migrator.migrate', (options) => migrator.migrate(options));
  if (hasVectors(backend)) {
    write('vectors.reconcile', (options) =>
      vectors.reconcile({ model: testModel, dimension: testDimension }, 'reset', options),
    );
  }
  write('apply', (options) => backend.apply([replacePage(fastify, '/new', [chunk('new')])], options));
  write('apply of nothing', (options) => backend.apply([], options));
  if (capabilities.vectorMaintenance) {
    write('vectors.rebuild', (options) => vectors.rebuild(options));
    read('vectors.audit', (options) => vectors.audit(options));
  }
  if (capabilities.ftsMaintenance) {
    write('fts.rebuild', (options) => fts.rebuild(options));
    read('fts.audit', (options) => fts.audit(options));
  }
  if (capabilities.optimize) write('optimize', (options) => optimizeOf(backend, options));
  if (capabilities.reembedding) {
    const staging = stagingOf(backend);
    const profile = { model: testModel, dimension: testDimension, metric: capabilities.metrics[0] };
    write('staging.begin', (options) => staging.begin(profile, options));
    read('staging.status', (options) => staging.status(options));
    const begin = () => staging.begin(profile);
    write('staging.missing', (options) => staging.missing({ limit: 1 }, options), begin);
    write('staging.stage', (options) => staging.stage({ profile, vectors: [] }, options), begin);
    const complete = async () => {
      await begin();
      const chunks = await staging.missing({ limit: 100 });
      await staging.stage({ profile, vectors: chunks.map(({ chunkId }) => ({ chunkId, values: null })) });
    };
    write('staging.commit', (options) => staging.commit(profile, options), complete);
    write('staging.abort', (options) => staging.abort(options));
  }
  const { maintenance } = backend;
  if (maintenance !== undefined) {
    read('maintenance.check', (options) => maintenance.check({ scope: 'quick' }, options));
    write('maintenance.repair', (options) => maintenance.repair(options));
    write('maintenance.reclaim', (options) => maintenance.reclaim(options));
  }
  if (capabilities.candidates) read('candidates', (options) => candidatesOf(backend, query, options));
  const { sync } = backend;
  if (sync !== undefined) read('sync', (options) => sync.call(backend, options));
  return calls;
}

function optimizeOf(backend: StorageBackend, options?: CallOptions): Promise<unknown> {
  if (backend.optimize === undefined) throw new Error('optimize is declared but not implemented.');
  return backend.optimize(options);
}

/** Returns the staging port of a backend that declares it. */
export function stagingOf({ staging }: StorageBackend): VectorStaging {
  if (staging === undefined) throw new Error('reembedding is declared but staging is not implemented.');
  return staging;
}

/** Requests both lists of a small hybrid search. */
export function candidatesOf(
  backend: StorageBackend,
  query: Float32Array,
  options?: CallOptions,
): Promise<unknown> {
  if (backend.candidates === undefined) throw new Error('candidates is declared but not implemented.');
  return backend.candidates(
    {
      versions: [fastify],
      vector: { values: query, limit: 10 },
      fts: { terms: ['a'], limit: 10 },
      fusion: { limit: 5 },
    },
    options,
  );
}
