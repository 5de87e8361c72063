import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportedNames } from './support/declarations.js';

/**
 * Pins what the entries of `@switchyard/storage-core` export, so that a new or a lost name is a visible difference. When
 * it is intended, `npx vitest run tests/public-names.test.ts -u` writes the lists again.
 */
const dist = join(import.meta.dirname, '../packages/storage-core/dist');
const names = (entry: string) => exportedNames(join(dist, `${entry}.d.ts`)).map(({ name }) => name);

it.each([
  ['index', 'storage-core'],
  ['backend', 'storage-core-backend'],
])('%s.d.ts exports the names of tests/public-names/%s.txt', async (entry, list) => {
  await expect(`${names(entry).join('\n')}\n`).toMatchFileSnapshot(`public-names/${list}.txt`);
});

it('bulk.d.ts of backend-libsql exports the names of tests/public-names/backend-libsql-bulk.txt', async () => {
  const bulk = join(import.meta.dirname, '../packages/backend-libsql/dist/bulk/index.d.ts');
  const exported = exportedNames(bulk).map(({ name }) => name);
  await expect(`${exported.join('\n')}\n`).toMatchFileSnapshot('public-names/backend-libsql-bulk.txt');
});

it('exports each name by one entry only', () => {
  const forUsers = new Set(names('index'));
  expect(names('backend').filter((name) => forUsers.has(name))).toEqual([]);
});

it.each(['index', 'backend'])('%s.d.ts exports at run time what it declares', async (entry) => {
  const values = Object.keys((await import(join(dist, `${entry}.js`))) as object);
  expect(names(entry)).toEqual(expect.arrayContaining(values));
});
