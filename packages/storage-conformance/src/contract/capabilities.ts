import assert from 'node:assert/strict';
import {
  DocumentStore,
  embedQuery,
  type Metric,
  type SearchMode,
  type StorageBackend,
  StorageError,
} from '@switchyard/storage-core';
import {
  type CapabilityFlag,
  CONTRACT_VERSION,
  checkCapabilities,
  hasCapability,
  requireContract,
} from '@switchyard/storage-core/backend';
import { type TestContext, testDimension, testModel } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertNoSecret, rejects } from '../support/assertions.js';
import { chunk, fastify, replacePage, resolve, vector, write } from '../support/build.js';
import { hasFts, hasVectors } from '../support/declared.js';
import { page } from '../support/documents.js';
import { dump } from '../support/dump.js';
import { letterEmbedder } from '../support/embedder.js';

/** Calls that each capability allows, and that must be rejected without it. */
const guarded: readonly (readonly [
  flag: CapabilityFlag,
  what: string,
  calls: (backend: StorageBackend) => readonly (() => Promise<unknown>)[],
])[] = [
  [
    'vectors',
    'searching by vector',
    (backend) => [
      () => backend.vectors.nearest({ version: fastify, vector: vector(1, 0, 0, 0), limit: 5 }),
      () => backend.vectors.reconcile({ model: testModel, dimension: testDimension }, 'refuse'),
    ],
  ],
  [
    'fts',
    'searching by full text',
    (backend) => [() => backend.fts.match({ version: fastify, terms: ['one'], limit: 5 })],
  ],
  [
    'assignedIds',
    'ids that another backend assigned',
    (backend) => [
      () =>
        backend.apply([
          { kind: 'resolveVersion', library: 'new', version: '1', ids: { libraryId: 901, versionId: 902 } },
        ]),
      () => backend.apply([replacePage(fastify, { id: 903, url: '/new' }, [chunk('one')])]),
      () => backend.apply([replacePage(fastify, '/new-2', [chunk('one', { id: 90_400 })])]),
    ],
  ],
  [
    'candidates',
    'both lists in one call',
    (backend) => [
      async () => {
        const request = {
          versions: [fastify],
          vector: { values: vector(1, 0, 0, 0), limit: 5 },
          fts: { terms: ['one'], limit: 5 },
          fusion: { limit: 5 },
        };
        // A missing method counts as a rejection.
        if (backend.candidates === undefined)
          throw new StorageError('STORAGE_NOT_SUPPORTED', 'No candidates().');
        await backend.candidates(request);
      },
    ],
  ],
  [
    'filters',
    'searching with a filter',
    (backend) => {
      const search = { version: fastify, limit: 5, filter: { types: ['text'] } };
      const near = () => backend.vectors.nearest({ ...search, vector: vector(1, 0, 0, 0) });
      const matches = () => backend.fts.match({ ...search, terms: ['one'] });
      return [...(hasVectors(backend) ? [near] : []), ...(hasFts(backend) ? [matches] : [])];
    },
  ],
  [
    'bulkDeletion',
    'deleting libraries, everything, or pages by a filter',
    (backend) => [
      () => backend.apply([{ kind: 'deletePages', version: fastify, filter: { urlPrefix: '/' } }]),
      () => backend.apply([{ kind: 'removeLibrary', library: { library: 'fastify' } }]),
      () => backend.apply([{ kind: 'clear' }]),
    ],
  ],
  [
    'vectorMaintenance',
    'rebuilding and auditing the vector index',
    (backend) => [() => backend.vectors.rebuild(), () => backend.vectors.audit()],
  ],
  [
    'ftsMaintenance',
    'rebuilding and auditing the full-text index',
    (backend) => [() => backend.fts.rebuild(), () => backend.fts.audit()],
  ],
  [
    'optimize',
    'optimizing the store',
    (backend) => [
      async () => {
        if (backend.optimize === undefined) throw new StorageError('STORAGE_NOT_SUPPORTED', 'No optimize().');
        await backend.optimize();
      },
    ],
  ],
  [
    'reembedding',
    'staging vectors of another model',
    (backend) => {
      // A missing port counts as a rejection.
      const staging = async () => {
        if (backend.staging === undefined) throw new StorageError('STORAGE_NOT_SUPPORTED', 'No staging.');
        return backend.staging;
      };
      return [
        async () => (await staging()).status(),
        async () => (await staging()).begin({ model: 'other:model', dimension: 2 }),
        async () => (await staging()).abort(),
      ];
    },
  ],
  [
    'changeLog',
    'recording changes for a rollout',
    (backend) => [
      async () => {
        if (backend.changeLog === undefined) throw new StorageError('STORAGE_NOT_SUPPORTED', 'No changeLog.');
        await backend.changeLog.install({ side: 'old', boot: 'boot' });
      },
      () => backend.apply([replacePage(fastify, '/new-3', [chunk('one')])], { epochs: { fastify: 1 } }),
    ],
  ],
];

const metrics: readonly Metric[] = ['l2', 'cosine'];
/** Modes that were retired or never defined but may appear in saved settings. */
const unknownModes = ['cascade', 'guess'] as unknown as readonly SearchMode[];
const modes: readonly SearchMode[] = ['exact', 'diskann'];

export const capabilityTests = contractGroup('capabilities', [
  [
    'declaration',
    'the declaration is complete and consistent, before and after opening',
    async (t) => {
      const { backend } = await t.create();
      const before = structuredClone(backend.capabilities);
      await backend.open();
      assert.deepEqual(backend.capabilities, before);
      assert.doesNotThrow(() => checkCapabilities(before));
      assert.ok(before.searchModes.includes('exact'), 'exact search is always there');
      assert.ok(before.searchModes.every((mode) => modes.includes(mode)));
      assert.ok(before.metrics.length > 0 && before.metrics.every((metric) => metrics.includes(metric)));
      assert.equal(new Set(before.metrics).size, before.metrics.length);
      if (before.metrics.includes('l2'))
        assert.equal(before.metrics[0], 'l2', 'the default of every backend');
      assert.ok(Number.isSafeInteger(before.maxDimension) && before.maxDimension >= 1);
      const flags = ['persistent', 'multiProcess', ...guarded.map(([flag]) => flag)] as const;
      for (const flag of flags) {
        const isFact = flag === 'persistent' || flag === 'multiProcess';
        assert.ok(typeof before[flag] === 'boolean' || (!isFact && before[flag] === undefined), flag);
      }
    },
  ],
  [
    'contract-version',
    `the backend implements version ${CONTRACT_VERSION} of the ports, before and after opening, and core accepts it`,
    async (t) => {
      const { backend } = await t.create();
      assert.equal(backend.contractVersion, CONTRACT_VERSION);
      requireContract(backend);
      const store = await DocumentStore.open({ backend });
      assert.equal(backend.contractVersion, CONTRACT_VERSION);
      await store.close();
    },
  ],
  ...guarded.map(
    ([flag, what, calls]) =>
      [
        flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
        `${what}: accepted when declared, else refused with STORAGE_NOT_SUPPORTED`,
        async (t: TestContext) => {
          const backend = await prepared(t);
          const before = await dump(backend);
          const isDeclared = hasCapability(backend.capabilities, flag);
          for (const [index, call] of calls(backend).entries()) {
            if (isDeclared) await call();
            else await rejects(call, 'STORAGE_NOT_SUPPORTED', `${flag}, call ${index + 1}`);
          }
          if (!isDeclared) assert.deepEqual(await dump(backend), before);
        },
      ] as const,
  ),
  [
    'lists-that-are-there',
    'a search uses the lists that the backend has: both, or one in its own order; without vectors nothing is embedded, and a vector is refused',
    async (t) => {
      const { backend, raw } = await t.create();
      const store = await DocumentStore.open({ backend, embedder: letterEmbedder() });
      await store.addPages('fastify', '5.6.0', [page('/a', 'zebra', 'okapi'), page('/b', 'zebra zebra')]);
      const plain = await DocumentStore.open({ backend });
      const words = async () => (await plain.search('fastify', '5.6.0', 'zebra')).map(({ id }) => Number(id));
      const query = { version: fastify, limit: 9 };
      if (hasFts(backend)) {
        const matches = await backend.fts.match({ ...query, terms: ['zebra'] });
        assert.equal(matches.length, 2);
        assert.deepEqual(
          await words(),
          matches.map(({ chunkId }) => chunkId),
        );
      } else await rejects(words, 'STORAGE_NOT_SUPPORTED');
      if (!hasVectors(backend)) {
        assert.equal(store.profile, null);
        const withVector = replacePage(fastify, '/c', [chunk('x', { vector: vector(1, 0, 0, 0) })]);
        await rejects(() => raw.apply([withVector]), 'STORAGE_PROFILE_MISSING');
        if (!hasFts(backend)) return;
        const found = await store.search('fastify', '5.6.0', 'zebra');
        assert.deepEqual(found, await plain.search('fastify', '5.6.0', 'zebra'));
        return;
      }
      const values = await embedQuery(letterEmbedder(), 'zebra');
      const near = await backend.vectors.nearest({ ...query, vector: values });
      const hits = await store.search('fastify', '5.6.0', 'zebra');
      assert.equal(hits.length, 3);
      assert.ok(hits.every(({ ftsRank }) => (ftsRank !== undefined) === hasFts(backend)));
      if (hasFts(backend)) return;
      assert.deepEqual(
        hits.map(({ id, vecRank }) => [Number(id), vecRank]),
        near.map(({ chunkId }, place) => [chunkId, place + 1]),
      );
    },
  ],
  [
    'search-modes',
    'an undeclared search mode is rejected with STORAGE_NOT_SUPPORTED, naming the declared ones; declared modes find the nearest chunk',
    async (t) => {
      const backend = await prepared(t);
      for (const mode of [...modes, ...unknownModes]) {
        if (mode === 'diskann') await backend.annIndexes?.build(fastify);
        const search = () =>
          backend.vectors.nearest({ version: fastify, vector: vector(1, 0, 0, 0), limit: 3, mode });
        if (backend.capabilities.searchModes.includes(mode)) assert.equal((await search()).length, 1, mode);
        else {
          const { message } = await rejects(search, 'STORAGE_NOT_SUPPORTED', mode);
          for (const offered of backend.capabilities.searchModes)
            assert.ok(message.includes(offered), message);
        }
      }
    },
    { capability: 'vectors' },
  ],
  [
    'metrics',
    'an undeclared metric is rejected with STORAGE_NOT_SUPPORTED; declared metrics are accepted',
    async (t) => {
      const backend = await prepared(t);
      for (const metric of [...metrics, 'hamming' as Metric]) {
        const reconcile = () => backend.vectors.reconcile({ model: 'm', dimension: 4, metric }, 'reset');
        if (backend.capabilities.metrics.includes(metric)) {
          assert.equal((await reconcile()).profile.metric, metric);
        } else {
          const before = await dump(backend);
          await rejects(reconcile, 'STORAGE_NOT_SUPPORTED', metric);
          assert.deepEqual(await dump(backend), before);
        }
      }
    },
    { capability: 'vectors' },
  ],
  [
    'max-dimension',
    'a dimension above maxDimension is rejected with STORAGE_NOT_SUPPORTED',
    async (t) => {
      const backend = await prepared(t);
      const before = await dump(backend);
      const dimension = backend.capabilities.maxDimension + 1;
      await rejects(
        () => backend.vectors.reconcile({ model: 'm', dimension }, 'reset'),
        'STORAGE_NOT_SUPPORTED',
      );
      assert.deepEqual(await dump(backend), before);
    },
    { capability: 'vectors' },
  ],
  [
    'inspect',
    'inspect() reports the name, capabilities, profile and counts, and no secret',
    async (t) => {
      const backend = await prepared(t);
      await resolve(backend, 'pino', '');
      const report = await backend.inspect();
      assert.equal(report.backend, backend.name);
      assert.deepEqual(report.capabilities, backend.capabilities);
      assert.deepEqual(report.counts, {
        libraries: 2,
        versions: 2,
        pages: 1,
        chunks: 2,
        vectors: hasVectors(backend) ? 1 : 0,
      });
      assert.deepEqual(report.profile, await backend.vectors.profile());
      assert.equal(typeof report.location, 'string');
      assert.ok(report.engine.name.length > 0 && report.engine.version.length > 0);
      assert.equal(report.schemaLevel, (await backend.migrator.status()).level);
      for (const [what, bytes] of Object.entries(report.bytes)) assert.ok(bytes >= 0, what);
      assertNoSecret(report, t.options.secrets);
    },
  ],
]);

async function prepared(t: TestContext): Promise<StorageBackend> {
  const backend = await t.open();
  await write(backend, fastify, '/a', [chunk('one', { vector: vector(1, 0, 0, 0) }), chunk('two')]);
  return backend;
}
