import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { switchyardJson } from './support/command.js';
import { EmbeddingEndpoint } from './support/embedding-endpoint.js';
import { put, temporaryFolder } from './support/temp.js';

/** Every command that searches embeds its texts as queries, and every command that indexes as documents. */
const folder = temporaryFolder();
const store = join(folder, 'docs.db');
const dataset = join(folder, 'dataset.jsonl');
const queries = join(folder, 'queries.jsonl');
const log = join(folder, 'log.jsonl');
const embedder = ['--embedder', 'openai:e5'];
let endpoint: EmbeddingEndpoint;

beforeAll(async () => {
  endpoint = await EmbeddingEndpoint.start();
  put(folder, 'docs/a.md', '# Zebra\n\nzebra\n');
  put(folder, 'docs/b.md', '# Okapi\n\nokapi\n');
  const query = { library: 'guide', version: '1', text: 'zebra', limit: 5 };
  const qrels = [{ url: 'a.md', grade: 1 }];
  put(folder, 'queries.jsonl', `${JSON.stringify(query)}\n`);
  put(folder, 'dataset.jsonl', `${JSON.stringify({ ...query, text: undefined, query: 'zebra', qrels })}\n`);
  put(
    folder,
    'log.jsonl',
    `${JSON.stringify({ ...query, at: new Date(0).toISOString(), hits: 1, ms: 1 })}\n`,
  );
});
beforeEach(() => endpoint.takeTexts());
afterAll(() => endpoint.stop());

async function textsOf(...args: string[]): Promise<string[]> {
  const env = {
    ...endpoint.env,
    SWITCHYARD_QUERY_PREFIX: 'query: ',
    SWITCHYARD_DOCUMENT_PREFIX: 'passage: ',
  };
  await switchyardJson(args, { env });
  return endpoint.takeTexts();
}

it('index embeds pages as documents, and the test text as a query', async () => {
  const texts = await textsOf(
    'index',
    join(folder, 'docs'),
    '--library',
    'guide@1',
    '--store',
    store,
    ...embedder,
  );
  expect(texts[0]).toBe('query: dimension');
  expect(texts.length).toBeGreaterThan(2);
  for (const text of texts.slice(1)) expect(text).toMatch(/^passage: <title>/);
});

it.each([
  ['search', [store, 'guide@1', 'zebra']],
  ['search', [store, '--queries', queries]],
  ['evaluate', [store, '--dataset', dataset]],
  ['compare', [store, store, '--queries', queries]],
  ['compare', [store, store, '--log', log]],
])('%s %j embeds queries', async (command, args) => {
  expect(await textsOf(command, ...args, ...embedder)).toEqual(['query: zebra']);
});

it('reembed embeds documents', async () => {
  const texts = await textsOf('reembed', store, '--force', ...embedder);
  expect(texts.length).toBeGreaterThan(1);
  for (const text of texts) expect(text).toMatch(/^passage: <title>/);
});
