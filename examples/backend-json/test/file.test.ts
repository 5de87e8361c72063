import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonBackend, jsonBackend } from '@switchyard/example-backend-json';
import { DocumentStore, deadlineIn, parseConnectionString } from '@switchyard/storage-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-json-'));
  file = join(folder, 'docs.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const page = {
  url: 'https://fastify.dev/docs/routes',
  title: 'Routes',
  chunks: [{ content: 'A route has a handler.', metadata: { types: ['text'], level: 1, path: ['Routes'] } }],
};

async function openStore() {
  const connection = parseConnectionString(`json:${file}`, { backends: [jsonBackend] });
  return DocumentStore.open({ backend: jsonBackend.create(connection) });
}

describe('a store in a JSON file', () => {
  it('is searched by a program that opens it later, and leaves one file', async () => {
    const store = await openStore();
    await store.addPage('fastify', '5.6.0', page);
    await store.close();
    await using again = await openStore();
    const [hit] = await again.search('fastify', '5.6.0', 'handlers of routes');
    expect(hit?.url).toBe(page.url);
    expect(readdirSync(folder)).toEqual(['docs.json']);
  });

  it('is not created by reading, and must exist if that is asked for', async () => {
    await using store = await openStore();
    expect(await store.libraries()).toEqual([]);
    expect(existsSync(file)).toBe(false);
    await expect(new JsonBackend(file, true).open()).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
  });

  it.each([
    ['a flipped letter', (text: string) => text.replace('handler', 'hendler')],
    ['the first half', (text: string) => text.slice(0, text.length / 2)],
    ['only the header', (text: string) => text.slice(0, 130)],
    ['nothing', () => ''],
    ['another JSON file', () => '{"name":"other"}'],
  ])('is refused with %s, and is not changed', async (_, damage) => {
    const store = await openStore();
    await store.addPage('fastify', '5.6.0', page);
    await store.close();
    const damaged = damage(readFileSync(file, 'utf8'));
    writeFileSync(file, damaged);
    await expect(openStore()).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    expect(readFileSync(file, 'utf8')).toBe(damaged);
  });

  it('waits for another writer until the deadline, and leaves its lock alone', async () => {
    await using backend = new JsonBackend(file);
    await backend.open();
    writeFileSync(`${file}.tmp`, 'written by another process');
    const mutation = { kind: 'resolveVersion', library: 'fastify', version: '5' } as const;
    const late = backend.apply([mutation], { deadline: deadlineIn(1) });
    await expect(late).rejects.toMatchObject({ code: 'STORAGE_TIMEOUT', outcome: 'not-applied' });
    expect(readFileSync(`${file}.tmp`, 'utf8')).toBe('written by another process');
    rmSync(`${file}.tmp`);
    await expect(backend.apply([mutation])).resolves.toMatchObject([{ created: true }]);
  });

  it('keeps the writes of two backends that write at once', async () => {
    await using one = new JsonBackend(file);
    await using other = new JsonBackend(file);
    await Promise.all([one.open(), other.open()]);
    const names = Array.from({ length: 20 }, (_, index) => `library-${index + 10}`);
    await Promise.all(
      names.map((library, index) =>
        (index % 2 === 0 ? one : other).apply([{ kind: 'resolveVersion', library, version: '' }]),
      ),
    );
    expect((await one.catalog.libraries()).map(({ name }) => name)).toEqual(names);
    expect(await other.catalog.libraries()).toEqual(await one.catalog.libraries());
  });
});
