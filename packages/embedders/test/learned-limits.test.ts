import { isStorageError } from '@switchyard/storage-core';
import { afterEach, describe, expect, test } from 'vitest';
import { OpenAiEmbedder } from '../src/index.js';
import { answerProperly, json, startServer } from './support/embeddings-server.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Starts an endpoint that rejects its first request with this message and then accepts everything. */
async function refusingOnce(status: number, message: string, code = '') {
  const server = await startServer((request, response, number) =>
    number === 1
      ? json(response, status, { error: { message, code } })
      : answerProperly(request, response, number),
  );
  stops.push(server.close);
  const options = { model: 'm', baseUrl: server.baseUrl, apiKey: 'k', env: {} };
  return { server, embedder: new OpenAiEmbedder(options) };
}

const isTooLarge = (promise: Promise<unknown>) =>
  promise.then(
    () => false,
    (error: unknown) => isStorageError(error, 'STORAGE_EMBEDDING_TOO_LARGE'),
  );
/** Text of roughly the given number of tokens. */
const latin = (tokens: number) => 'abc '.repeat(tokens);
const chinese = (tokens: number) => '管'.repeat(tokens);

describe('the limit of one text is learned', () => {
  test.each([
    [400, "This model's maximum context length is 512 tokens, however you requested 612 tokens.", 512],
    [400, "This model's maximum context length is 8,192 tokens.", 8192],
    [422, 'Input validation error: `inputs` must have less than 512 tokens. Given: 900', 512],
    [413, 'input must have less than 512 tokens', 512],
    [
      500,
      'input (900 tokens) is too large to process. increase the physical batch size (current batch size: 512)',
      512,
    ],
    [400, 'the request exceeds the available context size (4096 tokens), try increasing it', 4096],
    [400, 'Too many input tokens. Max input tokens: 2048, request input token count: 3000', 2048],
    [400, 'Input text exceeds maximum length of 8192 tokens', 8192],
    [400, 'The prompt is longer than the token limit: 2048', 2048],
  ])('from status %i, %s', async (status, message, limit) => {
    const { server, embedder } = await refusingOnce(status, message);
    expect(await isTooLarge(embedder.embed([latin(10), chinese(limit * 2)]))).toBe(true);
    // A batch that would be rejected again is not sent.
    expect(await isTooLarge(embedder.embed([latin(10), chinese(limit + 1)]))).toBe(true);
    expect(await isTooLarge(embedder.embed([latin(10), latin(limit + 1)]))).toBe(true);
    expect(server.seen).toHaveLength(1);
    // Texts that fit are sent together, even if their sum exceeds the limit; a single text is always tried.
    expect(await embedder.embed(Array.from({ length: 6 }, () => chinese(limit / 2)))).toHaveLength(6);
    expect(await embedder.embed([chinese(limit + 1)])).toHaveLength(1);
    expect(server.seen).toHaveLength(3);
  });

  test('from the rejected text, if the message states none', async () => {
    const { server, embedder } = await refusingOnce(400, 'the input length exceeds the context length');
    expect(await isTooLarge(embedder.embed([chinese(900)]))).toBe(true);
    expect(await isTooLarge(embedder.embed([latin(10), chinese(900)]))).toBe(true);
    expect(server.seen).toHaveLength(1);
    expect(await embedder.embed([latin(10), chinese(500)])).toHaveLength(2);
  });

  test('and corrected when a text above it succeeds', async () => {
    const { server, embedder } = await refusingOnce(400, 'maximum context length is 512 tokens');
    expect(await isTooLarge(embedder.embed([chinese(900)]))).toBe(true);
    await embedder.embed([latin(700)]);
    expect(await embedder.embed([latin(600), latin(600)])).toHaveLength(2);
    expect(server.seen).toHaveLength(3);
  });
});

describe('the limit of one request is learned', () => {
  test.each([
    [400, 'Requested 319000 tokens, max 3000 tokens per request', ''],
    [400, 'Invalid input: maximum request size is 3000', 'max_tokens_per_request'],
    [
      400,
      'The max allowed tokens per submitted batch is 3000. Your batch has 9000 tokens after truncation.',
      '',
    ],
    [400, 'Too many tokens in batch. Max is 3000 got 9000', ''],
  ])('in tokens, from status %i, %s', async (status, message, code) => {
    const { server, embedder } = await refusingOnce(status, message, code);
    const texts = Array.from({ length: 4 }, () => chinese(1000));
    expect(await isTooLarge(embedder.embed(texts))).toBe(true);
    expect(await isTooLarge(embedder.embed(texts))).toBe(true);
    expect(server.seen).toHaveLength(1);
    expect(await embedder.embed(texts.slice(0, 2))).toHaveLength(2);
  });

  test.each([
    [422, 'batch size 40 > maximum allowed batch size 8'],
    [400, "'$.input' is too long. Expected an array with maximum length 8, but got an array with length 40"],
    [400, 'batch size is invalid, it should not be larger than 8.: input.contents'],
    [400, 'BatchEmbedContentsRequest.requests: at most 8 requests can be in one batch'],
    [400, 'invalid request: total number of texts must be at most 8'],
    [400, 'The batch size limit is 8. Your batch size is 40.'],
  ])('in texts, from status %i, %s', async (status, message) => {
    const { server, embedder } = await refusingOnce(status, message);
    const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
    expect(await isTooLarge(embedder.embed(texts))).toBe(true);
    expect(embedder.limits.maxTexts).toBe(8);
    expect(await isTooLarge(embedder.embed(texts.slice(0, 9)))).toBe(true);
    expect(server.seen).toHaveLength(1);
    expect(await embedder.embed(texts.slice(0, 8))).toHaveLength(8);
  });
});

test('a null component is named in the error', async () => {
  const server = await startServer((_request, response) =>
    json(response, 200, { data: [{ index: 0, embedding: [1, null, 2] }] }),
  );
  stops.push(server.close);
  const embedder = new OpenAiEmbedder({ model: 'm', baseUrl: server.baseUrl, apiKey: 'k', env: {} });
  await expect(embedder.embed(['a'])).rejects.toThrow(
    'embedding 0 is not a vector: its component 1 is null, not a number.',
  );
});
