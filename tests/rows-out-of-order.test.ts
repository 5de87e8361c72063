import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkStore,
  copyStore,
  DocumentStore,
  isStorageError,
  type PageDocument,
  type StorageBackend,
  verifyStores,
} from '@switchyard/storage-core';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { createBackend } from '../soak/dist/content/open-store.js';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-out-of-order-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pages: PageDocument[] = Array.from({ length: 700 }, (_, index) => ({
  url: `https://example.org/a-path-of-some-length/${index}`,
  title: `Page ${index}`,
  chunks: [
    { content: `Text of page ${index}. `.repeat(8), metadata: { types: ['text'], level: 1, path: [] } },
  ],
}));

const stores = [
  { kind: 'libsql', scheme: '' },
  { kind: 'legacy', scheme: 'sqlite-vec:' }, // @legacy
] as const;

/** Leaves of a B-tree, in order of their keys. */
interface Tree {
  readonly name: string;
  readonly leaves: readonly number[];
}

describe.each(stores)('a $kind store with swapped leaves of a B-tree', ({ kind, scheme }) => {
  it('ends every loop over its rows, with an answer or STORAGE_CORRUPT', { timeout: 600_000 }, async () => {
    const sound = join(folder, `${kind}.db`);
    const store = await DocumentStore.open({ backend: createBackend(scheme + sound) });
    await store.addPages('lib', '1', pages);
    await store.close();
    const { trees, pageSize } = largeTrees(sound);
    expect(trees.length).toBeGreaterThanOrEqual(4);
    let refused = 0;
    for (const { name, leaves } of trees) {
      const file = join(folder, `${kind}-${name}.db`);
      copyFileSync(sound, file);
      swap(file, pageSize, leaves[0] as number, leaves.at(-1) as number);
      const damaged = await DocumentStore.open({ backend: createBackend(scheme + file, true) });
      const other = await DocumentStore.open({ backend: createBackend(scheme + sound, true) });
      for (const use of uses) {
        try {
          await use(damaged, other.backend);
        } catch (error) {
          if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
          refused += 1;
        }
      }
      await Promise.all([damaged.close(), other.close()]);
    }
    expect(refused).toBeGreaterThan(0);
  });
});

/** Everything that reads a store in parts. */
const uses: readonly ((damaged: DocumentStore, sound: StorageBackend) => Promise<unknown>)[] = [
  async (store) => {
    for (const { version } of await store.backend.catalog.overview()) await store.pages(version.id);
  },
  async ({ backend: { catalog } }) => {
    for (const { version } of await catalog.overview()) {
      let parts = 0;
      for (let after = 0; ; parts++) {
        const part = await catalog.snapshot({ version: { versionId: version.id }, after, limit: 50 });
        if (part.length === 0) break;
        after = part.at(-1)?.page.id ?? after;
        expect(parts).toBeLessThan(pages.length);
      }
    }
  },
  ({ backend }) => checkStore(backend),
  ({ backend }, sound) => verifyStores(sound, backend, { deep: true }),
  async ({ backend }) => {
    const target = createBackend(':memory:');
    await target.open();
    try {
      await copyStore(backend, target, { unchecked: true });
    } finally {
      await target.close();
    }
  },
];

function largeTrees(file: string): { trees: Tree[]; pageSize: number } {
  const database = new Database(file);
  try {
    const rows = database
      .prepare(`SELECT name, pageno FROM dbstat WHERE pagetype = 'leaf' ORDER BY name, path`)
      .all() as { name: string; pageno: number }[];
    const trees = new Map<string, number[]>();
    for (const { name, pageno } of rows) trees.set(name, [...(trees.get(name) ?? []), pageno]);
    return {
      trees: [...trees].map(([name, leaves]) => ({ name, leaves })).filter(({ leaves }) => leaves.length > 2),
      pageSize: (database.pragma('page_size') as { page_size: number }[])[0]?.page_size ?? 0,
    };
  } finally {
    database.close();
  }
}

function swap(file: string, pageSize: number, one: number, two: number): void {
  const bytes = readFileSync(file);
  const page = (number: number) => bytes.subarray((number - 1) * pageSize, number * pageSize);
  const copy = Buffer.from(page(one));
  page(two).copy(page(one));
  copy.copy(page(two));
  writeFileSync(file, bytes);
}
