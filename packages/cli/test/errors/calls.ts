import { closeSync, fstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { createContainer } from '@switchyard/storage-container';
import {
  type ChunkInput,
  DocumentStore,
  type Embedder,
  type StorageBackend,
  StorageError,
} from '@switchyard/storage-core';
import Database from 'libsql';
import { call, type Provocation } from './provocation.js';

const container = createContainer({ modules: [libsqlModule] });
const metadata = { types: ['text'], level: 1, path: [] };
const profile = { model: 'test:three', dimension: 3, metric: 'cosine' } as const;
const next = { ...profile, model: 'test:next' };
const version = { library: 'docs', version: '1' };

const chunk = (content: string, vector: Float32Array | null = null): ChunkInput => ({
  content,
  metadata,
  vector,
});
const write = (backend: StorageBackend, ...chunks: ChunkInput[]) =>
  backend.apply([{ kind: 'replacePage', version, page: { url: '/a' }, chunks }]);

async function withStore<T>(
  work: (backend: StorageBackend) => Promise<T>,
  connection = ':memory:',
): Promise<T> {
  const backend = container.createBackend(connection);
  await backend.open();
  try {
    return await work(backend);
  } finally {
    await backend.close();
  }
}

async function withVectors<T>(work: (backend: StorageBackend) => Promise<T>): Promise<T> {
  return withStore(async (backend) => {
    await backend.vectors.reconcile(profile, 'refuse');
    return work(backend);
  });
}

function embedding(embed: Embedder['embed'], dimension?: number): Promise<unknown> {
  const limits = { maxTexts: 8, maxCharacters: 1000 };
  const embedder: Embedder = { model: 'test:own', dimension, available: true, limits, embed };
  return withStore(async (backend) => {
    const store = await DocumentStore.open({ backend, embedder });
    return store.addPage('docs', '1', { url: '/a', chunks: [{ content: 'text', metadata }] });
  });
}

/** Mistakes that a program can make, and external changes of an open store. */
export function callProvocations(folder: string): readonly Provocation[] {
  const file = (name: string) => join(folder, name);
  return [
    call('another writer holds the store', async () => {
      await withStore((backend) => write(backend, chunk('a')), file('busy.db'));
      const other = new Database(file('busy.db'));
      other.exec('BEGIN IMMEDIATE');
      try {
        await withStore((backend) => write(backend, chunk('b')), `${file('busy.db')}?busyTimeoutMs=0`);
      } finally {
        other.exec('ROLLBACK');
        other.close();
      }
    }),
    call('a deadline that has passed', () =>
      withStore((backend) => backend.catalog.libraries({ deadline: Date.now() - 1 })),
    ),
    call('an aborted call', () =>
      withStore((backend) => backend.catalog.libraries({ signal: AbortSignal.abort() })),
    ),
    call('a closed store', async () => container.createBackend(':memory:').catalog.libraries()),
    call('a backend of another version of the contract', () => {
      const inner = container.createBackend(':memory:');
      const backend: StorageBackend = Object.create(inner, { contractVersion: { value: 2 } });
      return DocumentStore.open({ backend });
    }),
    call('a damaged file', async () => {
      const path = file('damaged.db');
      const text = chunk('zebra '.repeat(2000));
      await withStore((backend) => write(backend, ...Array.from({ length: 60 }, () => text)), path);
      damage(path);
      await withStore((backend) => backend.catalog.chunksByUrl(version, '/a'), path);
    }),
    call('a file that was deleted while it was open', () =>
      withStore(async (backend) => {
        await write(backend, chunk('a'));
        rmSync(file('deleted.db'));
        await write(backend, chunk('b'));
      }, file('deleted.db')),
    ),
    call('an id that is taken', () =>
      withStore((backend) =>
        backend.apply([
          { kind: 'putLibrary', library: { id: 1, name: 'a', createdAt: null } },
          { kind: 'resolveVersion', library: 'b', version: '1', ids: { libraryId: 1, versionId: 1 } },
        ]),
      ),
    ),
    call('a version that does not exist', () =>
      withStore((backend) =>
        backend.apply([{ kind: 'setVersionStatus', version: { versionId: 9 }, status: 'queued' }]),
      ),
    ),
    call('a vector of another dimension', () =>
      withVectors((backend) => write(backend, chunk('a', new Float32Array(2).fill(1)))),
    ),
    call('a vector that is not finite', () =>
      withVectors((backend) => write(backend, chunk('a', Float32Array.of(1, Number.POSITIVE_INFINITY, 0)))),
    ),
    call('a vector before the model is known', () =>
      withStore((backend) => write(backend, chunk('a', Float32Array.of(1, 0, 0)))),
    ),
    call('another model', () => withVectors((backend) => backend.vectors.reconcile(next, 'refuse'))),
    call('re-embedding with two models at once', () =>
      withVectors(async (backend) => {
        await backend.staging?.begin(next);
        await backend.staging?.begin({ ...next, model: 'test:other' });
      }),
    ),
    call('a commit without begin', () => withVectors(async (backend) => backend.staging?.commit(next))),
    call('a commit of an incomplete re-embedding', () =>
      withVectors(async (backend) => {
        await write(backend, chunk('a', Float32Array.of(1, 0, 0)));
        await backend.staging?.begin(next);
        await backend.staging?.commit(next);
      }),
    ),
    call('vectors that are too long', () =>
      withVectors((backend) =>
        backend.vectors.reconcile({ model: 'test:long', dimension: 100_000 }, 'reset'),
      ),
    ),
    call('a store of newer software', async () => {
      const path = file('newer.db');
      await withStore((backend) => backend.migrator.migrate(), path);
      const other = new Database(path);
      other.exec("UPDATE switchyard_meta SET value = '99' WHERE key = 'schema_level'");
      other.close();
      await withStore(async () => undefined, path);
    }),
    call('a store without a schema, and no migration', () =>
      withStore((backend) => backend.apply([]), `${file('manual.db')}?migrate=manual`),
    ),
    call('an embedder that answers null', () => embedding(async () => null as never)),
    call('an embedder that answers null to pages', () => embedding(async () => null as never, 3)),
    call('an embedder that answers too few', () => embedding(async () => [], 3)),
    call('an embedder that answers arrays', () => embedding(async () => [[1, 2, 3]] as never, 3)),
    call('an embedder that fails', () =>
      embedding(async () => {
        throw new Error('The model is not loaded.');
      }, 3),
    ),
    call('a text that is too large for the model', () =>
      embedding(async () => {
        throw new StorageError('STORAGE_EMBEDDING_TOO_LARGE', 'The text has 4 tokens; the model takes 1.');
      }, 3),
    ),
  ];
}

/** Overwrites everything behind the pages that say what tables there are. */
function damage(path: string): void {
  const descriptor = openSync(path, 'r+');
  const { size } = fstatSync(descriptor);
  const noise = Buffer.alloc(4096, 0xa5);
  for (let at = 256 * 1024; at + noise.length <= size; at += noise.length)
    writeSync(descriptor, noise, 0, 4096, at);
  closeSync(descriptor);
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
}
