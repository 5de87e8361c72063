import assert from 'node:assert/strict';
import {
  DocumentStore,
  type Metric,
  type SearchMode,
  type StorageBackend,
  StorageError,
} from '@switchyard/storage-core';
import { type CapabilityFlag, CONTRACT_VERSION, requireContract } from '@switchyard/storage-core/backend';
import type { TestContext } from '../suite/context.js';
import { contractGroup } from '../suite/contract-test.js';
import { assertNoSecret, rejects } from '../support/assertions.js';
import { chunk, fastify, replacePage, resolve, vector, write } from '../support/build.js';
import { dump } from '../support/dump.js';

/** Calls that each capability allows, and that must be rejected without it. */
const guarded: readonly (readonly [
  flag: CapabilityFlag,
  what: string,
  calls: (backend: StorageBackend) => readonly (() => Promise<unknown>)[],
])[] = [
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
    (backend) => [
      () =>
        backend.vectors.nearest({
          version: fastify,
          vector: vector(1, 0, 0, 0),
          limit: 5,
          filter: { types: ['text'] },
        }),
      () => backend.fts.match({ version: fastify, terms: ['one'], limit: 5, filter: { urlPrefix: '/' } }),
    ],
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
          for (const [index, call] of calls(backend).entries()) {
            if (backend.capabilities[flag]) await call();
            else await rejects(call, 'STORAGE_NOT_SUPPORTED', `${flag}, call ${index + 1}`);
          }
          if (!backend.capabilities[flag]) assert.deepEqual(await dump(backend), before);
        },
      ] as const,
  ),
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
      assert.deepEqual(report.counts, { libraries: 2, versions: 2, pages: 1, chunks: 2, vectors: 1 });
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
