import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore, embeddingText, embedQueries, type JsonObject } from '@switchyard/storage-core';
import { afterEach, describe, expect, test } from 'vitest';
import { OpenAiEmbedder, type OpenAiEmbedderOptions } from '../src/index.js';
import { answerProperly, startServer } from './support/embeddings-server.js';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function setUp(options: Partial<OpenAiEmbedderOptions>) {
  const server = await startServer(answerProperly);
  stops.push(server.close);
  const embedder = new OpenAiEmbedder({ model: 'm', baseUrl: server.baseUrl, env: {}, ...options });
  return { server, embedder };
}

const page = {
  url: '/a',
  title: 'A',
  chunks: [{ content: 'routes', metadata: { types: ['text'], level: 0, path: [] } }],
};
const document = embeddingText(page, page.chunks[0] as (typeof page.chunks)[0]);
const byPrefix = { query: { prefix: 'query: ' }, document: { prefix: 'passage: ' } };
const byParameter = {
  query: { parameters: { input_type: 'query', output_dimension: 256 } },
  document: { parameters: { input_type: 'document', output_dimension: 256 } },
};
/** The options as the environment gives them. */
const env = {
  SWITCHYARD_QUERY_PREFIX: 'query: ',
  SWITCHYARD_DOCUMENT_PREFIX: 'passage: ',
  SWITCHYARD_QUERY_PARAMETERS: ' {"task": "retrieval.query"} ',
  SWITCHYARD_DOCUMENT_PARAMETERS: '{"task": "retrieval.passage"}',
};

describe('an asymmetric model', () => {
  test.each<[string, Partial<OpenAiEmbedderOptions>, object[]]>([
    [
      'told by a prefix',
      byPrefix,
      [{ input: ['query: dimension'] }, { input: [`passage: ${document}`] }, { input: ['query: routes'] }],
    ],
    [
      'told by a parameter',
      byParameter,
      [
        { input: ['dimension'], ...byParameter.query.parameters },
        { input: [document], ...byParameter.document.parameters },
        { input: ['routes'], ...byParameter.query.parameters },
      ],
    ],
    [
      'configured by the environment',
      { env },
      [
        { input: ['query: dimension'], task: 'retrieval.query' },
        { input: [`passage: ${document}`], task: 'retrieval.passage' },
        { input: ['query: routes'], task: 'retrieval.query' },
      ],
    ],
  ])('%s embeds the test text and searches as queries, pages as documents', async (_, options, bodies) => {
    const { server, embedder } = await setUp(options);
    const store = await DocumentStore.open({ backend: new MemoryBackend(), embedder });
    await store.addPage('lib', '1', page);
    expect(await store.search('lib', '1', 'routes')).toHaveLength(1);
    expect(server.seen.map(({ body }) => body)).toEqual(
      bodies.map((body) => ({ ...body, model: 'm', encoding_format: 'base64' })),
    );
  });

  test('prefers options to the environment, also an empty prefix', async () => {
    const { server, embedder } = await setUp({ env, query: { prefix: '', parameters: {} } });
    await embedder.embedQuery?.('routes');
    expect(server.seen[0]?.body).toEqual({ input: ['routes'], model: 'm', encoding_format: 'base64' });
  });

  test('has no embedQuery if both sides are alike, so that queries are embedded in batches', async () => {
    const alike = { prefix: 'text: ', parameters: { input_type: null } };
    for (const options of [{}, { query: alike, document: { ...alike } }]) {
      const { server, embedder } = await setUp(options);
      expect(embedder.embedQuery).toBeUndefined();
      expect(await embedQueries(embedder, ['one', 'two'])).toHaveLength(2);
      expect(server.seen).toHaveLength(1);
    }
  });
});

test.each<[Partial<OpenAiEmbedderOptions>, string]>([
  [{ query: 'query: ' as unknown as object }, 'query must be an object'],
  [{ document: null as unknown as object }, 'document must be an object'],
  [{ query: { prefix: 7 as unknown as string } }, 'query.prefix'],
  [{ document: { parameters: [] as unknown as JsonObject } }, 'document.parameters'],
  [{ query: { parameters: { model: 'other' } } }, 'query.parameters must not contain model'],
  [{ query: { parameters: { input: ['x'] } } }, 'query.parameters must not contain input'],
  [{ env: { SWITCHYARD_QUERY_PARAMETERS: '{' } }, 'SWITCHYARD_QUERY_PARAMETERS'],
  [{ env: { SWITCHYARD_DOCUMENT_PARAMETERS: '"document"' } }, 'SWITCHYARD_DOCUMENT_PARAMETERS'],
  [{ truncatable: 'yes' as unknown as boolean }, 'truncatable'],
])('%j is a TypeError', (options, message) => {
  const create = () => new OpenAiEmbedder({ model: 'm', env: {}, ...options });
  expect(create).toThrow(TypeError);
  expect(create).toThrow(message);
});

describe('a smaller dimension', () => {
  const small = 'text-embedding-3-small';

  test('is cut from the vectors of a Matryoshka model, which keep length 1', async () => {
    const { server, embedder } = await setUp({ truncatable: true });
    const backend = new MemoryBackend();
    const store = await DocumentStore.open({ backend, embedder, dimension: 2 });
    await store.addPage('lib', '1', page);
    expect(await store.search('lib', '1', 'routes')).toHaveLength(1);
    expect(server.seen.map(({ body }) => body.dimensions)).toEqual([undefined, undefined]);
    const version = { library: 'lib', version: '1' };
    const [vector] = (await backend.catalog.snapshot({ version, limit: 1 }))[0]?.chunks ?? [];
    expect(vector?.vector).toHaveLength(2);
    expect(Math.hypot(...(vector?.vector ?? []))).toBeCloseTo(1, 6);
  });

  test.each([
    [{ model: small }, true],
    [{ model: 'text-embedding-3-large' }, true],
    [{ model: small, truncatable: false }, false],
    [{ model: small, dimensions: 512 }, false],
    [{ model: 'text-embedding-ada-002' }, false],
    [{ model: 'nomic-embed-text', truncatable: true }, true],
  ])('%j is truncatable: %s', (options, expected) => {
    expect(new OpenAiEmbedder({ env: {}, ...options }).truncatable).toBe(expected);
  });

  test('is refused before a request for any other model', async () => {
    const { server, embedder } = await setUp({ model: 'text-embedding-ada-002' });
    const opening = DocumentStore.open({ backend: new MemoryBackend(), embedder, dimension: 512 });
    await expect(opening).rejects.toMatchObject({
      code: 'STORAGE_DIMENSION_MISMATCH',
      message: expect.stringMatching(/512.*1536/),
    });
    expect(server.seen).toHaveLength(0);
  });
});
