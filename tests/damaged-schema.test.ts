import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentStore, isStorageError, type StorageBackend } from '@switchyard/storage-core';
import { afterAll, describe, expect, it } from 'vitest';
import { createBackend } from '../soak/dist/content/open-store.js';
import { seededRandom } from './support/random.mjs';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-damaged-schema-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Number of damaged copies of each store: enough to meet every kind of message that FTS5 has for its own definition. */
const COPIES = 48;

const version = { library: 'lib', version: '1' };
const page = { url: '/a', chunks: [{ content: 'zebra', metadata: { types: ['text'], level: 1, path: [] } }] };

/** Everything that uses a table of the schema. */
const uses: readonly ((store: DocumentStore, backend: StorageBackend) => Promise<unknown>)[] = [
  (store) => store.search('lib', '1', 'zebra'),
  (store) => store.overview(),
  (_, backend) => backend.fts.audit(),
  (store) => store.addPage('lib', '1', page),
  (_, backend) => backend.fts.rebuild(),
  (_, backend) => backend.optimize?.() ?? Promise.resolve(),
  (_, backend) => backend.apply([{ kind: 'deletePages', version }]),
];

describe.each([
  ['libsql', ''],
  ['legacy', 'sqlite-vec:'], // @legacy
] as const)('a %s store with a flipped bit in the definition of a table', (kind, scheme) => {
  it('fails with typed errors', async () => {
    const sound = join(folder, `${kind}.db`);
    const store = await DocumentStore.open({ backend: createBackend(scheme + sound) });
    await store.addPage('lib', '1', page);
    await store.close();
    const bytes = readFileSync(sound);
    const definition = 'CREATE VIRTUAL TABLE documents_fts';
    // The first one is what the growing schema left behind on its first page.
    const from = bytes.lastIndexOf(definition);
    const text = bytes.subarray(from, bytes.indexOf(')', from));
    expect(text.toString()).toContain('tokenize');
    const others = [
      ...bytes.toString('latin1').matchAll(/CREATE (?:TABLE|TRIGGER|VIEW|UNIQUE INDEX|INDEX)/g),
    ];
    expect(others.length).toBeGreaterThan(10);

    const random = seededRandom(COPIES);
    const next = (bound: number) => Math.floor(random() * bound);
    const codes = new Map<string, string>();
    for (let copy = 0; copy < COPIES; copy++) {
      const file = join(folder, `${kind}-${copy}.db`);
      copyFileSync(sound, file);
      const damaged = Buffer.from(bytes);
      const places = [
        from + next(text.length),
        // The options of FTS5 have messages of their own.
        from + text.indexOf('tokenize') + next(30),
        (others[next(others.length)]?.index ?? 0) + next(300),
      ];
      const at = places[copy % places.length] as number;
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << next(7)), at);
      writeFileSync(file, damaged);
      for (const { code, message } of await failuresOf(scheme + file)) codes.set(code, message);
      rmSync(file, { force: true });
    }
    expect(codes.get('STORAGE_INTERNAL')).toBeUndefined();
    expect(codes.has('STORAGE_CORRUPT')).toBe(true);
  });
});

/** Uses a store in every way. @returns What failed; an error that is not typed is thrown. */
async function failuresOf(connection: string): Promise<readonly { code: string; message: string }[]> {
  const failures: { code: string; message: string }[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!isStorageError(error)) throw error;
      failures.push(error);
      return null;
    }
  };
  const backend = createBackend(connection, true);
  const store = await attempt(() => DocumentStore.open({ backend }));
  if (store === null) return failures;
  for (const use of uses) await attempt(() => use(store, backend));
  await attempt(() => store.close());
  return failures;
}
