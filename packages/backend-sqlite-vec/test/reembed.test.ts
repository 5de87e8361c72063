import { reembed, type StorageBackend } from '@switchyard/storage-core';
import { expect, test } from 'vitest';
import { indexPage, nearest, openAsApplication, schemaOf, words } from './support/application.js';
import { openOn, tempFile } from './support/temp.js';

const NEW = 5;
const version = { library: 'lib', version: '1.0.0' };

function vectorOf(text: string, dimension: number): Float32Array {
  let seed = 7;
  for (const letter of text) seed = (seed * 31 + letter.charCodeAt(0)) % 1009;
  return Float32Array.from({ length: dimension }, (_, at) => Math.sin(seed * 0.7 + at));
}

const numbersOf = (text: string, dimension: number) => [...vectorOf(text, dimension)];

/** Embeds chunks by their content; `during` runs with the second batch. */
function embedderOf(during: () => void) {
  let calls = 0;
  const contents: string[] = [];
  return {
    contents,
    model: 'openai:new',
    dimension: NEW,
    available: true,
    limits: { maxTexts: 64, maxCharacters: 100_000 },
    embed: async (texts: readonly string[]) => {
      calls += 1;
      if (calls === 2) during();
      const own = texts.map((text) => text.split('\n').at(-1) ?? '');
      contents.push(...own);
      return own.map((text) => vectorOf(text, NEW));
    },
  };
}

async function opened(path: string): Promise<StorageBackend> {
  const backend = await openOn(path);
  await backend.vectors.reconcile({ model: 'openai:old', dimension: 8 }, 'refuse');
  return backend;
}

test('the application can read and write while its store is re-embedded, and afterwards', async () => {
  const path = tempFile();
  const backend = await opened(path);
  const application = openAsApplication(path);
  const page = (name: string, texts: readonly string[]) =>
    indexPage(
      application,
      'lib',
      '1.0.0',
      { url: `https://${name}`, title: name },
      texts.map((content) => ({ content, path: [name], vector: numbersOf(content, 8) })),
    );
  const [fox = 0, dog = 0] = page('a', ['quick fox', 'lazy dog']);
  const [hen = 0] = page('b', ['red hen']);
  const { id: versionId } = application.prepare('SELECT id FROM versions').get() as { id: number };
  const ids = (text: string, dimension: number) =>
    nearest(application, versionId, numbersOf(text, dimension), 10).map(({ id }) => id);

  let cat = 0;
  const embedder = embedderOf(() => {
    expect(ids('red hen', 8)[0]).toBe(hen);
    application.prepare('DELETE FROM documents WHERE id = ?').run(BigInt(dog));
    [cat = 0] = page('c', ['black cat']);
    application.prepare('UPDATE documents SET content = ? WHERE id = ?').run('brown fox', BigInt(fox));
    expect(words(application, '"brown"').map(({ id }) => id)).toEqual([fox]);
  });
  const result = await reembed(backend, embedder, { chunksPerBatch: 2 });
  expect(result).toMatchObject({ outcome: 'switched', vectors: 3, givenUp: 0 });
  expect(embedder.contents.toSorted()).toEqual(
    ['quick fox', 'lazy dog', 'red hen', 'black cat', 'brown fox'].toSorted(),
  );

  expect(ids('brown fox', NEW)[0]).toBe(fox);
  expect(ids('black cat', NEW)[0]).toBe(cat);
  expect(ids('red hen', NEW).toSorted()).toEqual([fox, hen, cat].toSorted());
  const stored = application.prepare('SELECT embedding FROM documents WHERE id = ?').get(hen) as {
    embedding: string;
  };
  expect(Float32Array.from(JSON.parse(stored.embedding) as number[])).toEqual(vectorOf('red hen', NEW));
  expect(
    application.prepare("SELECT key, value FROM metadata WHERE key LIKE 'embedding%' ORDER BY key").all(),
  ).toEqual([
    { key: 'embedding_dimension', value: String(NEW) },
    { key: 'embedding_model', value: 'openai:new' },
  ]);
  const late = indexPage(application, 'lib', '1.0.0', { url: 'https://d', title: 'd' }, [
    { content: 'late owl', path: [], vector: numbersOf('late owl', NEW) },
  ]);
  expect(
    await backend.vectors.nearest({ version, vector: vectorOf('late owl', NEW), limit: 1 }),
  ).toMatchObject([{ chunkId: late[0] }]);
  expect((await backend.vectors.audit()).problems).toEqual([]);
  expect((await backend.fts.audit()).problems).toEqual([]);
});

test('nothing of the re-embedding is left in the schema, whether it was completed or aborted', async () => {
  const fresh = tempFile();
  await (await openOn(fresh)).vectors.reconcile({ model: 'openai:new', dimension: NEW }, 'refuse');
  const expected = schemaOf(openAsApplication(fresh));
  const path = tempFile();
  const backend = await opened(path);
  const before = schemaOf(openAsApplication(path));
  await backend.staging?.begin({ model: 'openai:new', dimension: NEW });
  expect(schemaOf(openAsApplication(path))).not.toEqual(before);
  await backend.staging?.abort();
  expect(schemaOf(openAsApplication(path))).toEqual(before);
  await reembed(
    backend,
    embedderOf(() => undefined),
  );
  expect(schemaOf(openAsApplication(path))).toEqual(expected);
});
