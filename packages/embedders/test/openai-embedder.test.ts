import { isStorageError } from '@switchyard/storage-core';
import { afterEach, describe, expect, test } from 'vitest';
import { OpenAiEmbedder, type OpenAiEmbedderOptions } from '../src/index.js';
import { type Answer, answerProperly, json, startServer, vectorOf } from './support/embeddings-server.js';

const KEY = 'sk-test-0123456789abcdef';
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function setUp(answer: Answer, options: Partial<OpenAiEmbedderOptions> = {}) {
  const server = await startServer(answer);
  stops.push(server.close);
  const embedder = new OpenAiEmbedder({
    model: 'test-model',
    baseUrl: server.baseUrl,
    apiKey: KEY,
    retryDelayMs: 1,
    env: {},
    ...options,
  });
  return { server, embedder };
}

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => expect.fail('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (!isStorageError(error)) throw error;
  expect(JSON.stringify(error.toJSON())).not.toContain(KEY);
  return error;
}

const numbers = (vectors: readonly Float32Array[]) => vectors.map((vector) => [...vector]);
const float32 = (vector: number[]) => [...Float32Array.from(vector)];

describe('a request', () => {
  test('contains model, texts, dimensions and key; base64 vectors are decoded', async () => {
    const { server, embedder } = await setUp(answerProperly, { dimensions: 5 });
    const vectors = await embedder.embed(['one', 'three']);
    expect(numbers(vectors)).toEqual([float32(vectorOf('one', 5)), float32(vectorOf('three', 5))]);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({
      url: '/v1/embeddings',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: { model: 'test-model', input: ['one', 'three'], dimensions: 5, encoding_format: 'base64' },
    });
  });

  test('without texts is not sent', async () => {
    const { server, embedder } = await setUp(answerProperly);
    expect(await embedder.embed([])).toEqual([]);
    expect(server.seen).toHaveLength(0);
  });

  test('without a key has no authorization header', async () => {
    const { server, embedder } = await setUp(answerProperly, { apiKey: undefined });
    expect(embedder.available).toBe(true);
    await embedder.embed(['one']);
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('keeps the query of the base URL', async () => {
    const server = await startServer(answerProperly);
    stops.push(server.close);
    const baseUrl = `${server.baseUrl}/?api-version=7`;
    await new OpenAiEmbedder({ model: 'm', baseUrl, env: {} }).embed(['one']);
    expect(server.seen[0]?.url).toBe('/v1/embeddings?api-version=7');
  });
});

describe('an answer', () => {
  test('is ordered like the texts, by index', async () => {
    const { embedder } = await setUp((request, response) => {
      const data = request.body.input.map((text, index) => ({ index, embedding: vectorOf(text) }));
      json(response, 200, { data: data.reverse() });
    });
    expect(numbers(await embedder.embed(['a', 'bb', 'ccc']))).toEqual(
      ['a', 'bb', 'ccc'].map((text) => float32(vectorOf(text))),
    );
  });

  test('is requested as numbers from then on if the server rejects base64', async () => {
    const { server, embedder } = await setUp((request, response, number) => {
      if (request.body.encoding_format === 'base64') {
        json(response, 400, {
          error: { message: "Unknown field 'encoding_format': base64 is not supported" },
        });
      } else answerProperly(request, response, number);
    });
    expect(numbers(await embedder.embed(['one']))).toEqual([float32(vectorOf('one'))]);
    await embedder.embed(['two']);
    expect(server.seen.map(({ body }) => body.encoding_format)).toEqual(['base64', 'float', 'float']);
  });

  const wrong: [string, unknown, RegExp][] = [
    ['too few', { data: [{ index: 0, embedding: [1, 2] }] }, /1 embeddings for 2 texts/],
    ['the same index twice', { data: [0, 0].map((index) => ({ index, embedding: [1] })) }, /two embeddings/],
    ['an index outside', { data: [0, 2].map((index) => ({ index, embedding: [1] })) }, /no valid index/],
    ['unequal lengths', { data: [{ embedding: [1, 2] }, { embedding: [1] }] }, /1 components, not 2/],
    ['what is not finite', { data: [{ embedding: [1] }, { embedding: [1e300] }] }, /not finite/],
    ['null components', { data: [{ embedding: [1] }, { embedding: [null] }] }, /not a vector/],
    ['torn base64', { data: [{ embedding: 'AACAPw==' }, { embedding: 'AACA' }] }, /not a vector/],
    ['no vectors', { data: [{ embedding: [] }, { embedding: [] }] }, /not a vector|is empty/],
    ['no data', { hello: 1 }, /no list of embeddings/],
  ];
  test.each(wrong)('with %s is refused', async (_, body, message) => {
    const { server, embedder } = await setUp((_request, response) => json(response, 200, body));
    const error = await failureOf(embedder.embed(['a', 'b']));
    expect(error).toMatchObject({ code: 'STORAGE_EMBEDDING_FAILED', retryable: false });
    expect(error.message).toMatch(message);
    expect(server.seen).toHaveLength(1);
  });

  test('with another dimension than requested is rejected', async () => {
    const { embedder } = await setUp(
      (_request, response) => json(response, 200, { data: [{ embedding: [1, 2, 3] }] }),
      { dimensions: 2 },
    );
    expect((await failureOf(embedder.embed(['a']))).message).toContain('3 components, not 2');
  });

  test('that is not JSON is rejected', async () => {
    const { embedder } = await setUp((_request, response) => response.end('<html>Welcome</html>'));
    expect((await failureOf(embedder.embed(['a']))).message).toContain('not JSON: <html>');
  });
});

describe('a failure', () => {
  test.each([429, 500, 502, 503])('with status %i is retried', async (status) => {
    const { server, embedder } = await setUp((request, response, number) =>
      number < 3 ? json(response, status, { error: 'later' }) : answerProperly(request, response, number),
    );
    expect(await embedder.embed(['one'])).toHaveLength(1);
    expect(server.seen).toHaveLength(3);
  });

  test('that persists is thrown after the last attempt, with the status', async () => {
    const { server, embedder } = await setUp(
      (_request, response) => json(response, 503, { error: { message: `overloaded, ${KEY}` } }),
      { maxRetries: 2 },
    );
    const error = await failureOf(embedder.embed(['one']));
    expect(error).toMatchObject({
      code: 'STORAGE_EMBEDDING_FAILED',
      retryable: true,
      details: { status: 503 },
    });
    expect(error.message).toContain('overloaded, [redacted]');
    expect(server.seen).toHaveLength(3);
  });

  test('is not retried before the server allows it', async () => {
    const { server, embedder } = await setUp((request, response, number) =>
      number === 1
        ? json(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '1' })
        : answerProperly(request, response, number),
    );
    await embedder.embed(['one']);
    const [first, second] = server.seen;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('is thrown immediately if the server requests a longer delay than allowed', async () => {
    const { server, embedder } = await setUp((_request, response) =>
      json(response, 429, { error: { message: 'tomorrow' } }, { 'retry-after': '86400' }),
    );
    expect(await failureOf(embedder.embed(['one']))).toMatchObject({ retryable: true });
    expect(server.seen).toHaveLength(1);
  });

  test('of an account without quota is not retried', async () => {
    const { server, embedder } = await setUp((_request, response) =>
      json(response, 429, { error: { message: 'You exceeded your quota', code: 'insufficient_quota' } }),
    );
    expect(await failureOf(embedder.embed(['one']))).toMatchObject({ retryable: false });
    expect(server.seen).toHaveLength(1);
  });

  test('of the key is not retried and gives advice', async () => {
    const { server, embedder } = await setUp((_request, response) =>
      json(response, 401, { error: { message: `Incorrect API key provided: ${KEY}.` } }),
    );
    const error = await failureOf(embedder.embed(['one']));
    expect(error).toMatchObject({ retryable: false, details: { status: 401 } });
    expect(error.message).toContain('Check OPENAI_API_KEY');
    expect(server.seen).toHaveLength(1);
  });

  const tooLarge: [number, unknown][] = [
    [413, 'Payload Too Large'],
    [400, { error: { message: "This model's maximum context length is 8192 tokens, you requested 9000." } }],
    [
      400,
      { error: { message: 'Invalid input: maximum request size is 300000', code: 'max_tokens_per_request' } },
    ],
    [400, { error: { message: "'$.input' is too long. Maximum length is 2048, array is too long" } }],
    [400, { error: 'the input length exceeds the context length' }],
    [422, { error: 'batch size 200 > maximum allowed batch size 32', type: 'Validation' }],
    [500, { error: { message: 'input is too large to process. increase the physical batch size' } }],
  ];
  test.each(tooLarge)('with status %i and %j means that the texts are too large', async (status, body) => {
    const { server, embedder } = await setUp((_request, response) => json(response, status, body));
    expect(await failureOf(embedder.embed(['one']))).toMatchObject({
      code: 'STORAGE_EMBEDDING_TOO_LARGE',
      details: { status },
    });
    expect(server.seen).toHaveLength(1);
  });

  test('with status 400 and any other message is final', async () => {
    const { embedder } = await setUp((_request, response) =>
      json(response, 400, { error: { message: 'invalid model' } }),
    );
    expect(await failureOf(embedder.embed(['one']))).toMatchObject({ code: 'STORAGE_EMBEDDING_FAILED' });
  });

  test('of the connection is retried', async () => {
    const { embedder } = await setUp((request, response, number) =>
      number === 1 ? response.destroy() : answerProperly(request, response, number),
    );
    expect(await embedder.embed(['one'])).toHaveLength(1);
  });

  test('to reach the server names its address', async () => {
    const { server, embedder } = await setUp(answerProperly, { maxRetries: 1 });
    await server.close();
    const error = await failureOf(embedder.embed(['one']));
    expect(error).toMatchObject({ code: 'STORAGE_EMBEDDING_FAILED', retryable: true });
    expect(error.message).toContain('127.0.0.1');
  });

  test('to answer in time is thrown', async () => {
    const { embedder } = await setUp(() => undefined, { timeoutMs: 50, maxRetries: 0 });
    expect((await failureOf(embedder.embed(['one']))).message).toContain('did not answer within 50 ms');
  });
});

describe('an abort', () => {
  test('ends a running request', async () => {
    const controller = new AbortController();
    const { embedder } = await setUp(() => controller.abort());
    const error = await failureOf(embedder.embed(['one'], { signal: controller.signal }));
    expect(error.code).toBe('STORAGE_ABORTED');
  });

  test('ends a delay between attempts', async () => {
    const controller = new AbortController();
    const { embedder } = await setUp((_request, response) => {
      json(response, 429, {}, { 'retry-after': '20' });
      setTimeout(() => controller.abort(), 20);
    });
    const error = await failureOf(embedder.embed(['one'], { signal: controller.signal }));
    expect(error.code).toBe('STORAGE_ABORTED');
  });
});

describe('an endpoint', () => {
  test('of OpenAI is available only with a key', async () => {
    const without = new OpenAiEmbedder({ model: 'text-embedding-3-small', env: {} });
    expect(without).toMatchObject({
      available: false,
      model: 'openai:text-embedding-3-small',
      dimension: 1536,
    });
    await expect(without.embed(['one'])).rejects.toThrow('Set OPENAI_API_KEY');
    const env = { OPENAI_API_KEY: KEY };
    expect(new OpenAiEmbedder({ model: 'text-embedding-3-small', env }).available).toBe(true);
  });

  test('comes from OPENAI_BASE_URL when no other is named', async () => {
    const server = await startServer(answerProperly);
    stops.push(server.close);
    const env = { OPENAI_BASE_URL: server.baseUrl };
    await new OpenAiEmbedder({ model: 'm', env }).embed(['one']);
    expect(server.seen).toHaveLength(1);
    expect(new OpenAiEmbedder({ model: 'm', env, requiresKey: true }).available).toBe(false);
  });

  test('with a password in its URL is rejected without repeating it', () => {
    const make = () => new OpenAiEmbedder({ model: 'm', baseUrl: 'https://me:pass@host/v1', env: {} });
    expect(make).toThrow(TypeError);
    expect(make).not.toThrow(/pass@/);
  });

  test('shows no key when printed', async () => {
    const { inspect } = await import('node:util');
    const embedder = new OpenAiEmbedder({ model: 'm', apiKey: KEY, env: {} });
    expect(inspect(embedder, { depth: 9, showHidden: true }) + JSON.stringify(embedder)).not.toContain(KEY);
  });
});
