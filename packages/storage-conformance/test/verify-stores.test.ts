import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import {
  type Capabilities,
  type StorageBackend,
  type VerifyResult,
  verifyStores,
} from '@switchyard/storage-core';
import { afterAll, describe, expect, it } from 'vitest';

const opened: StorageBackend[] = [];

/** Opens a store of one page with one chunk of this text. */
async function storeOf(content: string, capabilities?: Partial<Capabilities>): Promise<StorageBackend> {
  const backend = new MemoryBackend({ capabilities });
  await backend.open();
  opened.push(backend);
  await backend.apply([
    {
      kind: 'replacePage',
      version: { library: 'lib', version: '1.0.0' },
      page: { url: 'https://example.org/', title: 'Page', createdAt: '2026-01-01 00:00:00' },
      chunks: [{ content, metadata: { types: ['text'], level: 1, path: [] }, vector: null }],
    },
  ]);
  return backend;
}

async function digestOf(content: string): Promise<string> {
  const { digests } = await verifyStores(await storeOf(content), await storeOf(content), { searches: 0 });
  expect(digests.a).toBe(digests.b);
  return digests.a;
}

afterAll(async () => {
  for (const backend of opened) await backend.close();
});

describe('digests of stores', () => {
  it('distinguish texts, and a text from its JSON', async () => {
    const texts = ['\ufffd', JSON.stringify('\ufffd'), JSON.stringify('\ud800'), 'text', ''];
    const digests = await Promise.all(texts.map(digestOf));
    expect(new Set(digests).size).toBe(texts.length);
  });

  it('cover well-formed text, as stores hold it', async () => {
    expect(await digestOf('\ud800')).toBe(await digestOf('\ufffd'));
  });
});

describe('searches of stores that are searched in different ways', () => {
  const text = 'zebra and okapi, zebra and quagga';
  const own = { ranking: 'own' } as const;

  it('compare the matching chunks if one ranks in its own way', async () => {
    for (const [one, other] of [
      [own, own],
      [own, {}],
      [{}, own],
    ] as const) {
      const [a, b] = [await storeOf(text, one), await storeOf(text, other)];
      const { equal, searches } = await verifyStores(a, b);
      expect({ equal, searches }).toEqual({
        equal: true,
        searches: { made: 1, same: 1, compared: 'members' },
      });
    }
    const { searches } = await verifyStores(await storeOf(text), await storeOf(text));
    expect(searches).toEqual({ made: 1, same: 1, compared: 'rankings' });
  });

  it('report a chunk that only one of them finds', async () => {
    const [a, b] = [await storeOf(text, own), await storeOf(text)];
    const forgetful = Object.create(b, { fts: { value: { ...b.fts, match: async () => [] } } });
    const { differences, searches } = await verifyStores(a, forgetful);
    expect(searches).toMatchObject({ made: 1, same: 0 });
    expect(differences).toMatchObject([
      { kind: 'search', place: 'zebra okapi quagga', detail: expect.stringContaining('(-, match)') },
    ]);
  });

  it('leave full text out if one of them has none', async () => {
    const { equal, searches } = await verifyStores(await storeOf(text, { fts: false }), await storeOf(text));
    expect({ equal, searches }).toEqual({ equal: true, searches: { made: 1, same: 1, compared: 'vectors' } });
  });
});

describe('damage that hides rows', () => {
  it('is looked for once in each store, also in one that is compared with itself', async () => {
    const damage = { kind: 'index', name: 'i', detail: 'The index lacks rows.', examples: [], repair: null };
    const checked = async () => {
      let checks = 0;
      const store = await storeOf('damaged');
      const check = async () => {
        checks++;
        return { damages: [damage] };
      };
      return { store: Object.assign(store, { maintenance: { check } }), checks: () => checks };
    };
    const [a, b] = [await checked(), await checked()];
    const places = ({ differences }: VerifyResult) => differences.map(({ place }) => place);
    expect(places(await verifyStores(a.store, b.store, { searches: 0 }))).toEqual([
      'first store',
      'second store',
    ]);
    expect([a.checks(), b.checks()]).toEqual([1, 1]);
    expect(places(await verifyStores(a.store, a.store, { searches: 0 }))).toEqual(['first store']);
    expect(a.checks()).toBe(2);
  });
});

describe('the progress of a comparison', () => {
  it('ends at its total, even if each store has pages that the other lacks', async () => {
    const [a, b] = [await storeOf('the same'), await storeOf('the same')];
    const page = (url: string) => ({ url, title: url, createdAt: '2026-01-01 00:00:00' });
    const chunk = { content: 'more', metadata: { types: ['text'], level: 1, path: [] }, vector: null };
    const version = { library: 'lib', version: '1.0.0' };
    await a.apply([{ kind: 'replacePage', version, page: page('a'), chunks: [chunk, chunk] }]);
    await b.apply([
      { kind: 'replacePage', version, page: page('b'), chunks: [chunk] },
      { kind: 'replacePage', version, page: page('c'), chunks: [chunk, chunk] },
    ]);
    const seen: [number, number][] = [];
    await verifyStores(a, b, {
      searches: 0,
      onProgress: ({ chunks, totalChunks }) => seen.push([chunks, totalChunks]),
    });
    for (const [chunks, total] of seen) expect(chunks).toBeLessThanOrEqual(total);
    expect(seen.at(-1)).toEqual([4, 4]);
  });
});
