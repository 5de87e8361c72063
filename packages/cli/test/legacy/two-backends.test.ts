import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module';
import { createContainer } from '@switchyard/storage-container';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temp.js';

const folder = temporaryFolder();
const container = createContainer({ modules: [libsqlModule, sqliteVecModule], env: {} });
const addVersion = { kind: 'resolveVersion', library: 'lib', version: '1' } as const;

describe('a file that one backend has open', () => {
  it.each([
    ['file:', 'sqlite-vec:', 'libsql'],
    ['sqlite-vec:', 'file:', 'sqlite-vec'],
  ])(
    'is refused to the other one in the same process, even before it is a store: %s then %s',
    async (first, second, name) => {
      const file = join(folder, `${name}-first.db`);
      writeFileSync(file, '');
      const one = container.createBackend(`${first}${file}?migrate=manual`);
      const other = container.createBackend(`${second}${file}`);
      await one.open();
      await expect(other.open()).rejects.toMatchObject({
        code: 'STORAGE_BUSY',
        retryable: false,
        message: expect.stringContaining(`through the ${name} backend`),
      });
      await one.migrator.migrate();
      await expect(other.open()).rejects.toMatchObject({ retryable: false });
      await one.close();
      await expect(other.open()).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_UNSUPPORTED' });
    },
  );

  it.each([
    ['file:', 'sqlite-vec:'],
    ['sqlite-vec:', 'file:'],
  ])('is refused to the other one that was opened before it existed: %s then %s', async (first, second) => {
    const file = join(folder, `absent-${first.length}.db`);
    const one = container.createBackend(`${first}${file}`);
    const other = container.createBackend(`${second}${file}`);
    await one.open();
    await other.open();
    await one.migrator.migrate();
    const refused = { code: 'STORAGE_SCHEMA_UNSUPPORTED', retryable: false };
    await expect(other.catalog.libraries()).rejects.toMatchObject(refused);
    await expect(other.apply([addVersion])).rejects.toMatchObject({ ...refused, outcome: 'not-applied' });
    await other.close();
    expect(await one.catalog.libraries()).toEqual([]);
    await one.close();
  });

  it('is created by one of them only when both write first at the same time', async () => {
    for (const order of [
      ['file:', 'sqlite-vec:'],
      ['sqlite-vec:', 'file:'],
    ] as const) {
      const file = join(folder, `both-${order[0].length}.db`);
      const backends = order.map((scheme) => container.createBackend(`${scheme}${file}`));
      await Promise.all(backends.map((backend) => backend.open()));
      const results = await Promise.allSettled(backends.map((backend) => backend.apply([addVersion])));
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ outcome: 'not-applied' });
      }
      const winner = backends[results.findIndex(({ status }) => status === 'fulfilled')];
      expect(await winner?.catalog.libraries()).toHaveLength(1);
      await Promise.all(backends.map((backend) => backend.close()));
    }
  });
});
