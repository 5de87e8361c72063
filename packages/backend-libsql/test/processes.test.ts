import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { finished, startChild } from './support/child.js';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

describe('several processes', () => {
  it('create the same store concurrently, and write to it concurrently', async () => {
    const file = tempFile();
    const names = ['one', 'two', 'three', 'four'];
    const results = await Promise.all(
      names.map((name) => finished(startChild('writer.mjs', [file, name, '25']))),
    );
    expect(results).toEqual(names.map(() => ({ code: 0, output: `${'written\n'.repeat(25)}done\n` })));

    const store = await openStore(file);
    const overview = await store.catalog.overview();
    expect(overview.map(({ version, chunks, urls }) => [version.library, chunks, urls])).toEqual(
      [...names].sort().map((name) => [name, 160, 20]),
    );
    expect((await store.fts.audit()).problems).toEqual([]);
    expect((await store.vectors.audit()).problems).toEqual([]);
    expect(await store.migrator.status()).toMatchObject({ state: 'current', level: 1 });
  });

  it('read each other’s writes, on connections that stay open', async () => {
    const file = tempFile();
    const [one, two] = [await openStore(file), await openStore(file)];
    await one.apply([page('/a', [chunk('zebra')])]);
    expect(await two.fts.match({ version: fastify, terms: ['zebra'], limit: 5 })).toHaveLength(1);
    await two.apply([page('/a', [chunk('okapi')])]);
    expect(await one.fts.match({ version: fastify, terms: ['zebra'], limit: 5 })).toEqual([]);
  });
});

describe('a process killed during a write', () => {
  it.each([1, 2, 3])('leaves complete pages and matching indexes (attempt %i)', async (attempt) => {
    const file = tempFile();
    const child = startChild('writer.mjs', [file, 'killed', '1000000']);
    // The kill comes during the write after one of the first pages.
    for (let seen = 0; seen < attempt; seen++) await once(child.stdout as NodeJS.ReadableStream, 'data');
    const gone = finished(child);
    child.kill('SIGKILL');
    await gone;

    const store = await openStore(file);
    const version = { library: 'killed', version: '' };
    const pages = await store.catalog.pages(version);
    expect(pages.length).toBeGreaterThan(0);
    for (const { url } of pages) {
      const chunks = await store.catalog.chunksByUrl(version, url);
      expect(chunks.map(({ sortOrder }) => sortOrder)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(new Set(chunks.map(({ content }) => content.split(' ')[1])).size).toBe(1);
    }
    const { indexed, without } = await store.vectors.stats();
    expect([indexed, without]).toEqual([pages.length * 8, 0]);
    expect((await store.fts.audit()).problems).toEqual([]);
    expect((await store.vectors.audit()).problems).toEqual([]);
    // And it can be written on.
    await store.apply([page('/after', [chunk('zebra')], version)]);
    expect(await store.fts.match({ version, terms: ['zebra'], limit: 5 })).toHaveLength(1);
  });
});
