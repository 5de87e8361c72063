import {
  type Embedder,
  embedQueries,
  embedQuery,
  embedTexts,
  fitVector,
  isTextTooLarge,
  StorageError,
} from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';
import { checkEmbedder } from '../src/embedding/check-embedder.js';

/** Embeds a text as its length and, in the second component, its side; keeps the calls. */
class AsymmetricEmbedder implements Embedder {
  readonly model = 'test:asymmetric';
  readonly available = true;
  readonly calls: (readonly string[] | string)[] = [];

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.calls.push(texts);
    return texts.map((text) => Float32Array.of(text.length, 0));
  }

  async embedQuery(text: string): Promise<Float32Array> {
    this.calls.push(text);
    if (text.length > 9) throw new StorageError('STORAGE_EMBEDDING_TOO_LARGE', 'too large');
    return Float32Array.of(text.length, 1);
  }
}

function symmetric(): Embedder & { readonly calls: (readonly string[])[] } {
  const calls: (readonly string[])[] = [];
  const embed = async (texts: readonly string[]) => {
    calls.push(texts);
    return texts.map((text) => Float32Array.of(text.length, 0));
  };
  return { model: 'test:symmetric', available: true, embed, calls };
}

describe('embedQuery and embedQueries', () => {
  it('use embedQuery of the embedder, with its own this, and fit the vector to the dimension', async () => {
    const embedder = new AsymmetricEmbedder();
    expect(await embedQuery(embedder, 'abc')).toEqual(Float32Array.of(3, 1));
    expect(await embedQuery(embedder, 'abc', { dimension: 3 })).toEqual(Float32Array.of(3, 1, 0));
    expect(await embedQueries(embedder, ['a', 'bb'])).toEqual([Float32Array.of(1, 1), Float32Array.of(2, 1)]);
    expect(embedder.calls).toEqual(['abc', 'abc', 'a', 'bb']);
  });

  it('use embed without embedQuery, several texts at once', async () => {
    const embedder = symmetric();
    expect(await embedQuery(embedder, 'abc')).toEqual(Float32Array.of(3, 0));
    expect(await embedQueries(embedder, ['a', 'bb'])).toHaveLength(2);
    expect(embedder.calls).toEqual([['abc'], ['a', 'bb']]);
  });

  it('cut a query that is too large to its first half once', async () => {
    const embedder = new AsymmetricEmbedder();
    expect(await embedQuery(embedder, 'abcdefghijkl')).toEqual(Float32Array.of(6, 1));
    await expect(embedQuery(embedder, 'x'.repeat(40))).rejects.toMatchObject({
      code: 'STORAGE_EMBEDDING_TOO_LARGE',
    });
  });

  it('reject what plain JavaScript may return instead of a vector', async () => {
    for (const wrong of [undefined, null, [1, 2], [[1, 2]], 'vector', new Float64Array(2)]) {
      const embedder = { ...symmetric(), embedQuery: async () => wrong as unknown as Float32Array };
      await expect(embedQuery(embedder, 'abc')).rejects.toMatchObject({
        code: 'STORAGE_EMBEDDING_FAILED',
        message: expect.stringMatching(/the query.*test:symmetric.*Float32Array/),
      });
    }
    const notFinite = { ...symmetric(), embedQuery: async () => Float32Array.of(1, Number.NaN) };
    await expect(embedQuery(notFinite, 'abc')).rejects.toMatchObject({ code: 'STORAGE_INVALID_VECTOR' });
  });

  it('stop at an abort and at a deadline', async () => {
    const never = { ...symmetric(), embedQuery: () => new Promise<never>(() => undefined) };
    const signal = AbortSignal.abort();
    await expect(embedQuery(never, 'abc', { signal })).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    await expect(embedQuery(never, 'abc', { deadline: Date.now() - 1 })).rejects.toMatchObject({
      code: 'STORAGE_TIMEOUT',
    });
  });
});

describe('fitVector', () => {
  const truncatable = { model: 'test:matryoshka', truncatable: true };

  it('cuts a vector of a truncatable embedder and scales it to length 1', () => {
    const vector = Float32Array.of(3, 4, 12);
    const fitted = fitVector(vector, 2, { embedder: truncatable });
    expect([...fitted].map((component) => component.toFixed(6))).toEqual(['0.600000', '0.800000']);
    expect(vector).toEqual(Float32Array.of(3, 4, 12));
  });

  it('leaves a vector of the dimension as it is, and a cut one of length 0', () => {
    const vector = Float32Array.of(3, 4);
    expect(fitVector(vector, 2, { embedder: truncatable })).toBe(vector);
    expect(fitVector(Float32Array.of(0, 0, 1), 2, { embedder: truncatable })).toEqual(new Float32Array(2));
  });

  it('rejects a longer vector of any other embedder, with both numbers', () => {
    for (const embedder of [
      { model: 'test:plain' },
      { model: 'test:plain', truncatable: false },
      undefined,
    ]) {
      expect(() => fitVector(new Float32Array(7), 3, { embedder })).toThrow(
        expect.objectContaining({
          code: 'STORAGE_DIMENSION_MISMATCH',
          details: expect.objectContaining({ expected: 3, actual: 7 }),
        }),
      );
    }
  });

  it('is what embedTexts does', async () => {
    const embedder = { ...symmetric(), truncatable: true };
    expect(await embedTexts(embedder, [{ text: 'abc', url: '/a' }], 1)).toEqual([Float32Array.of(1)]);
    expect(await embedQuery(embedder, 'abc', { dimension: 1 })).toEqual(Float32Array.of(1));
  });
});

describe('isTextTooLarge', () => {
  const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

  it.each([
    new StorageError('STORAGE_EMBEDDING_TOO_LARGE', 'any'),
    error("This model's maximum context length is 8192 tokens, however you requested 9000"),
    error('400 Invalid input', { status: 400, code: 'context_length_exceeded' }),
    error('Payload', { status: 413 }),
    error('input is too large to process. increase the physical batch size', { status: 500 }),
    error('Request failed', { response: { status: 413 } }),
    error('batch size 80 > maximum allowed batch size 32', { statusCode: 422 }),
  ])('is true for %s', (given) => {
    expect(isTextTooLarge(given)).toBe(true);
  });

  it.each([
    new StorageError('STORAGE_EMBEDDING_FAILED', 'too large'),
    error('Rate limit: too many tokens per minute', { status: 429 }),
    error('Rate limit: too many tokens per minute'),
    error('too long', { status: 401 }),
    error('fetch failed'),
    'too large',
    null,
    undefined,
  ])('is false for %s', (given) => {
    expect(isTextTooLarge(given)).toBe(false);
  });
});

it.each([
  ['embedQuery', 'yes'],
  ['embedQuery', null],
  ['truncatable', 1],
  ['limits', null],
  ['limits', { maxTexts: 0 }],
  ['dimension', 0],
  ['available', undefined],
  ['model', ''],
  ['embed', undefined],
])('checkEmbedder names %s when it is %j', (field, value) => {
  const embedder = { ...symmetric(), [field]: value } as Embedder;
  expect(() => checkEmbedder(embedder)).toThrow(TypeError);
  expect(() => checkEmbedder(embedder)).toThrow(`embedder.${field}`);
});
