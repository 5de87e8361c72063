import { type Embedder, type EmbedderLimits, embeddingText, StorageError } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';
import { embedTexts } from '../src/embedding/embed-texts.js';
import { resolveDimension } from '../src/embedding/resolve-dimension.js';

/** An embedder with a real bound on its input; the vector is the length of the text. */
class BoundedEmbedder implements Embedder {
  readonly model = 'test:bounded';
  readonly available = true;
  readonly calls: string[][] = [];

  constructor(
    readonly limits: EmbedderLimits,
    private readonly accepts: (texts: readonly string[]) => boolean = () => true,
  ) {}

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.calls.push([...texts]);
    if (!this.accepts(texts)) throw new StorageError('STORAGE_EMBEDDING_TOO_LARGE', 'too large');
    return texts.map((text) => Float32Array.of(text.length, 1));
  }
}

const inputs = (...texts: string[]) => texts.map((text, index) => ({ text, url: `u${index}` }));
const wide = { maxTexts: 100, maxCharacters: 10_000 };

describe('embedTexts', () => {
  it('limits batches by count and characters, and keeps the order', async () => {
    const byCount = new BoundedEmbedder({ maxTexts: 2, maxCharacters: 100 });
    await embedTexts(byCount, inputs('a', 'b', 'c'), 2);
    expect(byCount.calls).toEqual([['a', 'b'], ['c']]);

    const byCharacters = new BoundedEmbedder({ maxTexts: 10, maxCharacters: 5 });
    const vectors = await embedTexts(byCharacters, inputs('aaa', 'bb', 'cccccccc', 'd'), 2);
    expect(byCharacters.calls).toEqual([['aaa', 'bb'], ['cccccccc'], ['d']]);
    expect(vectors.map((vector) => vector[0])).toEqual([3, 2, 8, 1]);
  });

  it('halves a batch that is too large repeatedly', async () => {
    const embedder = new BoundedEmbedder(wide, (texts) => texts.length <= 1);
    const vectors = await embedTexts(embedder, inputs('a', 'bb', 'ccc', 'dddd', 'eeeee'), 2);
    expect(vectors.map((vector) => vector[0])).toEqual([1, 2, 3, 4, 5]);
  });

  it('cuts a single text that is too large to its first half once, without splitting a character', async () => {
    const embedder = new BoundedEmbedder(wide, ([text]) => (text as string).length <= 4);
    await embedTexts(embedder, inputs('abc😀de'), 2);
    expect(embedder.calls).toEqual([['abc😀de'], ['abc']]);
  });

  it('gives up on a single text that is still too large, naming URL, batch and model', async () => {
    const embedder = new BoundedEmbedder(wide, () => false);
    await expect(embedTexts(embedder, inputs('abcdefgh'), 2)).rejects.toMatchObject({
      code: 'STORAGE_EMBEDDING_TOO_LARGE',
      message: expect.stringMatching(/u0.*test:bounded.*batch 1 of 1/),
    });
    expect(embedder.calls).toEqual([['abcdefgh'], ['abcd']]);
  });

  it('throws other errors immediately, naming URL, batch and model', async () => {
    const embedder = new BoundedEmbedder({ maxTexts: 1, maxCharacters: 10 }, () => {
      throw new Error('quota');
    });
    await expect(embedTexts(embedder, inputs('a', 'b'), 2)).rejects.toMatchObject({
      code: 'STORAGE_EMBEDDING_FAILED',
      message: expect.stringMatching(/u0.*test:bounded.*batch 1 of 2.*quota/),
    });
    expect(embedder.calls).toHaveLength(1);
  });

  it('halves a batch if the error of a provider’s client says that it is too large', async () => {
    const refusal = Object.assign(new Error("This model's maximum context length is 8192 tokens"), {
      status: 400,
    });
    const embedder = new BoundedEmbedder(wide, (texts) => {
      if (texts.length > 1) throw refusal;
      return true;
    });
    expect(await embedTexts(embedder, inputs('a', 'bb'), 2)).toHaveLength(2);
    const never = new BoundedEmbedder(wide, () => {
      throw refusal;
    });
    await expect(embedTexts(never, inputs('abcd'), 2)).rejects.toMatchObject({
      code: 'STORAGE_EMBEDDING_TOO_LARGE',
    });
  });

  it('pads a short vector with zeros and rejects a long one', async () => {
    const [padded] = await embedTexts(new BoundedEmbedder(wide), inputs('abc'), 4);
    expect(padded).toEqual(Float32Array.of(3, 1, 0, 0));
    await expect(embedTexts(new BoundedEmbedder(wide), inputs('abc'), 1)).rejects.toMatchObject({
      code: 'STORAGE_DIMENSION_MISMATCH',
    });
  });
});

describe('resolveDimension', () => {
  const embedder = new BoundedEmbedder(wide);
  const stored = { model: 'test:bounded', dimension: 7, metric: 'l2' } as const;

  it('prefers the configured one, then the stored one of this model, then a known one, then a test text', async () => {
    expect(await resolveDimension({ embedder, configured: 9, stored })).toBe(9);
    expect(await resolveDimension({ embedder, stored })).toBe(7);
    const known = Object.assign(new BoundedEmbedder(wide), { model: 'openai:text-embedding-3-small' });
    expect(await resolveDimension({ embedder: known, stored })).toBe(1536);
    expect(await resolveDimension({ embedder, stored: { ...stored, model: 'other' } })).toBe(2);
  });

  const known = (change: Partial<Embedder> = {}): Embedder => ({
    model: 'openai:text-embedding-3-small',
    available: true,
    embed: () => Promise.reject(new Error('paid for')),
    ...change,
  });

  it.each([
    ['configured', { configured: 256, stored: null }],
    ['stored', { stored: { model: 'openai:text-embedding-3-small', dimension: 256, metric: 'l2' } }],
  ] as const)(
    'refuses a %s dimension below that of the model before anything is embedded',
    async (_, sources) => {
      for (const embedder of [known(), known({ model: 'test:own', dimension: 1536 })]) {
        const stored = sources.stored === null ? null : { ...sources.stored, model: embedder.model };
        await expect(resolveDimension({ ...sources, embedder, stored })).rejects.toMatchObject({
          code: 'STORAGE_DIMENSION_MISMATCH',
          message: expect.stringMatching(/256.*1536.*truncatable: true/s),
        });
      }
    },
  );

  it('accepts a smaller dimension from an embedder that is truncatable or makes such vectors, and any larger one', async () => {
    for (const embedder of [known({ truncatable: true }), known({ dimension: 256 })]) {
      expect(await resolveDimension({ embedder, configured: 256, stored: null })).toBe(256);
    }
    expect(await resolveDimension({ embedder: known(), configured: 2000, stored: null })).toBe(2000);
  });

  it('embeds the test text as a query', async () => {
    const asymmetric = { ...wideEmbedder(), embedQuery: async () => new Float32Array(5) };
    expect(await resolveDimension({ embedder: asymmetric, stored: null })).toBe(5);
  });

  it('rejects anything but a positive integer', async () => {
    await expect(resolveDimension({ embedder, configured: 0, stored: null })).rejects.toThrow(TypeError);
    await expect(resolveDimension({ embedder, configured: 1.5, stored: null })).rejects.toThrow(TypeError);
  });

  it('does not wait forever for an embedder that never answers', async () => {
    const silent: Embedder = { ...wideEmbedder(), embed: () => new Promise(() => undefined) };
    await expect(
      resolveDimension({ embedder: silent, stored: null, probeTimeoutMs: 20 }),
    ).rejects.toMatchObject({
      code: 'STORAGE_EMBEDDING_FAILED',
      message: expect.stringContaining('20 ms'),
    });
  });
});

function wideEmbedder(): Embedder {
  return { model: 'test:silent', available: true, limits: wide, embed: async () => [] };
}

it('embeds title, URL and path, one line each, then the content', () => {
  const chunk = { content: 'Text', metadata: { path: ['Guide', 'Start'] } };
  expect(embeddingText({ title: 'T', url: 'https://x/' }, chunk)).toBe(
    '<title>T</title>\n<url>https://x/</url>\n<path>Guide / Start</path>\nText',
  );
});
