import { sampleQueries } from '@switchyard/storage-compare';
import { expect, it } from 'vitest';
import { sentencesOf } from '../src/queries/sample-queries.js';
import { makeStore } from './support/documents.js';

it('draws the same headings and sentences for the same seed, each once', async () => {
  const { backend } = await makeStore();
  const draw = (seed: number) => sampleQueries(backend, { count: 20, seed });
  const drawn = await draw(4);
  expect(await draw(4)).toEqual(drawn);
  expect((await draw(5)).map(({ text }) => text)).not.toEqual(drawn.map(({ text }) => text));
  expect(new Set(drawn.map(({ text }) => text)).size).toBe(drawn.length);
  const intents = drawn.map(({ intent }) => intent);
  expect([intents.filter((one) => one === 'heading').length, intents.length]).toEqual([3, 13]);
  expect(drawn.every(({ chunkVector }) => chunkVector?.length === 16)).toBe(true);
});

it('takes sentences of prose and leaves code and marks out', () => {
  const text =
    '## Routes\n\nDeclare `routes` with **care**, see [the guide](https://x.example). Short.\n\n```js\nconst a = b is not a sentence here.\n```\n\n- Every list item counts as a sentence\n';
  expect(sentencesOf(text)).toEqual([
    'Declare routes with care , see the guide.',
    'Every list item counts as a sentence',
  ]);
});
