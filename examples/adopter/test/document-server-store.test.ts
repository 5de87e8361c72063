import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentServerStore } from '@switchyard/example-adopter';
import type { Embedder, PageDocument } from '@switchyard/switchyard';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Counts letters, so that texts about the same things have similar vectors. Counts its calls, which would cost money. */
function letters(model: string, dimension = 26) {
  const calls = { texts: 0 };
  const embedder: Embedder = {
    model,
    dimension,
    available: true,
    embed: async (texts) => {
      calls.texts += texts.length;
      return texts.map((text) => {
        const vector = new Float32Array(dimension);
        for (const char of text.toLowerCase()) {
          const at = char.charCodeAt(0) - 97;
          if (at >= 0 && at < dimension) vector[at] = (vector[at] ?? 0) + 1;
        }
        return vector;
      });
    },
  };
  return { embedder, calls };
}

const chunk = (content: string, path: readonly string[]) => ({
  content,
  metadata: { types: ['text'], level: path.length, path: [...path] },
});

const routes: PageDocument = {
  url: 'https://example.org/routes',
  title: 'Routes',
  contentType: 'text/markdown',
  sourceContentType: 'text/html',
  etag: '"1"',
  lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT',
  chunks: [
    chunk('Everything about routes.', ['Routes']),
    chunk('Declare a route with a method and a path.', ['Routes', 'Declaring']),
    chunk('A schema validates the body of a request.', ['Routes', 'Declaring']),
    chunk('The schema is JSON Schema, version 7.', ['Routes', 'Declaring', 'Schema']),
    chunk('Routes can be grouped by a prefix.', ['Routes', 'Prefixes']),
  ],
};
const hooks: PageDocument = {
  url: 'https://example.org/hooks',
  title: 'Hooks',
  chunks: [chunk('Hooks run before the handler.', ['Hooks'])],
};

const texts = (chunks: readonly { readonly content: string }[] = []) => chunks.map(({ content }) => content);

let folder: string;
let store: DocumentServerStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adopter-'));
});
afterEach(async () => {
  await store.shutdown();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['libSQL', ''],
  ['sqlite-vec', 'sqlite-vec:'], // @legacy
])('a documentation server on %s', (_, scheme) => {
  const connection = () => scheme + join(folder, 'documents.db');

  async function open(embedder?: Embedder): Promise<void> {
    store = new DocumentServerStore({ store: connection(), embedder });
    await store.initialize();
  }

  /** Indexes as the server does, with the status and the progress of the version. */
  async function index(pages: readonly PageDocument[]): Promise<number> {
    const versionId = await store.resolveVersion('Fastify', '5.0.0');
    await store.setScraperOptions(versionId, 'https://example.org', { maxDepth: 2 });
    await store.setStatus(versionId, 'running');
    for (const [done, page] of pages.entries()) {
      await store.addPage('fastify', '5.0.0', 1, page);
      await store.setProgress(versionId, done + 1, pages.length);
    }
    await store.setStatus(versionId, 'completed');
    return versionId;
  }

  it('indexes, and reports what it has', async () => {
    await open(letters('test:letters').embedder);
    const versionId = await index([routes, hooks]);
    expect(store.activeEmbedding()).toEqual({ provider: 'test', model: 'letters', dimension: 26 });
    expect(await store.storedEmbedding()).toEqual(store.activeEmbedding());
    expect(await store.versionNames('fastify')).toEqual(['5.0.0']);
    expect(await store.hasDocuments('fastify', '5.0.0')).toBe(true);
    expect((await store.versionsByStatus(['completed'])).map(({ id }) => id)).toEqual([versionId]);
    expect((await store.versionsBySourceUrl('https://example.org')).map(({ id }) => id)).toEqual([versionId]);
    expect(await store.scraperOptions(versionId)).toEqual({
      sourceUrl: 'https://example.org',
      options: { maxDepth: 2 },
    });
    expect(await store.overview()).toMatchObject([
      {
        name: 'fastify',
        versions: [
          { id: versionId, status: 'completed', progress: { pages: 2, maxPages: 2 }, chunks: 6, urls: 2 },
        ],
      },
    ]);
    const [first] = await store.pages(versionId);
    expect(first).toMatchObject({ url: routes.url, etag: '"1"', depth: 1, sourceContentType: 'text/html' });
    const { libraryId } = (await store.versionById(versionId)) ?? { libraryId: 0 };
    expect(await store.libraryById(libraryId)).toEqual(await store.library('fastify'));
  });

  it('searches with the context of every hit', async () => {
    await open(letters('test:letters').embedder);
    await index([routes, hooks]);
    const hits = await store.search('fastify', '5.0.0', '"validates the body"', 5);
    const hit = hits.find(({ content }) => content.startsWith('A schema'));
    expect(hit).toMatchObject({
      content: 'A schema validates the body of a request.',
      title: 'Routes',
      sortOrder: 2,
    });
    expect(hit?.context?.parent?.content).toBe('Everything about routes.');
    expect(texts(hit?.context?.children)).toEqual(['The schema is JSON Schema, version 7.']);
    expect(texts(hit?.context?.precedingSiblings)).toEqual(['Declare a route with a method and a path.']);
    expect(hit?.context?.subsequentSiblings).toEqual([]);
    // One by one, as the server asks today.
    const at = ['fastify', '5.0.0', hit?.id ?? ''] as const;
    expect(await store.parent(...at)).toEqual(hit?.context?.parent);
    expect(await store.children(...at, 3)).toEqual(hit?.context?.children);
    expect(await store.precedingSiblings(...at, 1)).toEqual(hit?.context?.precedingSiblings);
    expect(await store.subsequentSiblings(...at, 2)).toEqual([]);
    expect(await store.parent('fastify', '4.0.0', at[2])).toBeNull();
    expect(await store.chunk(at[2])).toMatchObject({ content: hit?.content });
    expect(await store.chunksByUrl('fastify', '5.0.0', routes.url)).toHaveLength(5);
  });

  it('embeds nothing for a search in an unknown version', async () => {
    const { embedder, calls } = letters('test:letters');
    await open(embedder);
    await index([hooks]);
    const before = calls.texts;
    expect(await store.search('fastify', '9.0.0', 'hooks', 3)).toEqual([]);
    expect(await store.search('nothing', '', 'hooks', 3)).toEqual([]);
    expect(calls.texts).toBe(before);
  });

  it('refreshes a page, and removes pages, versions and libraries', async () => {
    await open(letters('test:letters').embedder);
    const versionId = await index([routes, hooks]);
    const refreshed = { ...hooks, chunks: [chunk('Hooks run after the handler.', ['Hooks'])] };
    await store.addPage('fastify', '5.0.0', 1, refreshed);
    const [hit] = await store.search('fastify', '5.0.0', '"after the handler"', 1);
    expect(hit?.url).toBe(hooks.url);
    const [page] = await store.pages(versionId);
    expect(await store.deletePage(page?.id ?? 0)).toBe(5);
    expect(await store.deletePages('fastify', '5.0.0')).toBe(1);
    expect(await store.hasDocuments('fastify', '5.0.0')).toBe(false);
    expect(await store.removeVersion('fastify', '5.0.0')).toMatchObject({
      versionDeleted: true,
      libraryDeleted: true,
    });
    // An indexing job may still report on a version that was removed.
    await store.setStatus(versionId, 'failed', 'The version is gone.');
    await store.setProgress(versionId, 1, 2);
    await index([hooks]);
    await store.deleteLibrary('fastify');
    expect(await store.library('fastify')).toBeNull();
    expect(await store.overview()).toEqual([]);
  });

  it('asks before another model drops the vectors, and goes on with it', async () => {
    await open(letters('test:letters').embedder);
    await index([hooks]);
    await store.shutdown();
    const other = letters('other:letters', 13);
    store = new DocumentServerStore({ store: connection(), embedder: other.embedder });
    await expect(store.initialize()).rejects.toMatchObject({
      code: 'STORAGE_MODEL_CHANGED',
      message: expect.stringMatching(/test:letters.*26.*other:letters.*13/s),
    });
    await store.confirmModelChange();
    expect(store.activeEmbedding()).toEqual({ provider: 'other', model: 'letters', dimension: 13 });
    expect(await store.search('fastify', '5.0.0', 'hooks', 1)).toHaveLength(1);
    await index([hooks]);
    const [hit] = await store.search('fastify', '5.0.0', 'hooks', 1);
    expect(hit?.distance).toBeDefined();
  });

  it('invalidates all vectors, also for the same model', async () => {
    await open(letters('test:letters').embedder);
    await index([routes]);
    await store.invalidateVectors('test:letters', 26);
    const [hit] = await store.search('fastify', '5.0.0', 'routes', 1);
    expect(hit?.distance).toBeUndefined();
    expect(store.activeEmbedding()).toEqual({ provider: 'test', model: 'letters', dimension: 26 });
  });

  it('works without an embedder, by words', async () => {
    await open();
    await index([routes]);
    expect(store.activeEmbedding()).toBeNull();
    expect(await store.search('fastify', '5.0.0', 'schema', 5)).toHaveLength(2);
  });
});
