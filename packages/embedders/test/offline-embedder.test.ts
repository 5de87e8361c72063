import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createEmbedder, OfflineEmbedder } from '@switchyard/embedders';
import { afterAll, describe, expect, test } from 'vitest';

const embedder = new OfflineEmbedder();
const two = new OfflineEmbedder({ workers: 2 });
afterAll(() => Promise.all([embedder.close(), two.close()]));

const length = (vector: Float32Array) => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
async function one(text: string): Promise<Float32Array> {
  const [vector] = await embedder.embed([text]);
  if (vector === undefined) throw new Error('no vector');
  return vector;
}

describe('the offline model', () => {
  test('makes vectors of 512 components and length 1', async () => {
    const vectors = await embedder.embed([
      'How do I log a request?',
      'x',
      'A connection pool keeps sockets open.',
    ]);
    expect(vectors).toHaveLength(3);
    for (const vector of vectors) {
      expect(vector).toBeInstanceOf(Float32Array);
      expect(vector).toHaveLength(512);
      expect(length(vector)).toBeCloseTo(1, 5);
    }
  });

  test('places texts of similar meaning near each other', async () => {
    const question = await one('How can I close the server gracefully?');
    const near = await one('Shutting down: stop listening and wait for open connections to end.');
    const far = await one('Colors of the pretty printed output in the terminal.');
    expect(dot(question, near)).toBeGreaterThan(dot(question, far) + 0.1);
  });

  test('gives a text the same vector, bit for bit, in any batch and on any thread', async () => {
    const texts = Array.from(
      { length: 19 },
      (_, i) => `Text ${i} about hooks. ${'plugins and routes '.repeat(i)}`,
    );
    const together = await embedder.embed(texts);
    const onTwo = await two.embed(texts);
    const alone = await Promise.all([0, 7, 18].map((i) => one(texts[i] ?? '')));
    expect(onTwo).toEqual(together);
    expect(alone).toEqual([together[0], together[7], together[18]]);
  });

  test('treats the empty text as a space, at any position', async () => {
    const space = await one(' ');
    const vectors = await embedder.embed(['', 'a', '']);
    expect(vectors).toEqual([space, await one('a'), space]);
  });

  test('accepts emoji, control characters, lone surrogates and other scripts', async () => {
    const odd = ['😀👩‍👩‍👧‍👦', '\0\u0007', '\ud800', '日本語のドキュメント', '\n\n', 'ﬁ ½ ①'];
    for (const vector of await embedder.embed(odd)) expect(length(vector)).toBeCloseTo(1, 5);
  });

  test('reads the first 128 tokens, and longer texts take no more time', async () => {
    const start = 'The quick brown fox jumps over the lazy dog. '.repeat(40);
    expect(await one(start + 'Something else. '.repeat(100_000))).toEqual(await one(start));
    expect(length(await one('x'.repeat(2_000_000)))).toBeCloseTo(1, 5);
    expect(length(await one('日'.repeat(500_000)))).toBeCloseTo(1, 5);
  });

  test('returns no vectors for no texts', async () => {
    expect(await embedder.embed([])).toEqual([]);
  });

  test('stops at an abort', async () => {
    const controller = new AbortController();
    const texts = new Array<string>(64).fill('Many texts take a while. '.repeat(20));
    const promise = embedder.embed(texts, { signal: controller.signal });
    controller.abort();
    await expect(promise).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    await expect(embedder.embed(['x'], { signal: controller.signal })).rejects.toMatchObject({
      code: 'STORAGE_ABORTED',
    });
    expect(await embedder.embed(['still works'])).toHaveLength(1);
  });

  test('rejects running calls when closed, and restarts on demand', async () => {
    const embedding = new OfflineEmbedder();
    const promise = embedding.embed(['never done']);
    const failed = expect(promise).rejects.toMatchObject({ code: 'STORAGE_EMBEDDING_FAILED' });
    await embedding.close();
    await failed;
    expect(await embedding.embed(['again'])).toHaveLength(1);
    await embedding.close();
  });

  test('rejects values that are not strings and an invalid number of workers', async () => {
    await expect(embedder.embed([7 as unknown as string])).rejects.toThrow(TypeError);
    expect(() => new OfflineEmbedder({ workers: 0 })).toThrow(TypeError);
  });

  test('prints nothing and lets the process end without being closed', async () => {
    const script = `
      import { createEmbedder } from '@switchyard/embedders';
      const vectors = await createEmbedder('offline').embed(['hello', 'world']);
      if (vectors.length !== 2) process.exitCode = 1;
    `;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script],
      {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
      },
    );
    expect(stdout + stderr).toBe('');
  });
});

const golden = new URL(
  '../../../../shared/fixtures/golden/level-14-three-libraries.hybrid.json',
  import.meta.url,
);

describe.skipIf(!existsSync(golden))('the vectors of the golden searches', () => {
  test('are those of the offline model', async () => {
    const searches = Object.values(
      JSON.parse(readFileSync(golden, 'utf8')) as Record<string, { text: string; vector: string }>,
    );
    const vectors = await two.embed(searches.map(({ text }) => text));
    expect(searches.length).toBeGreaterThan(20);
    for (const [i, { vector }] of searches.entries()) {
      const bytes = Buffer.from(vector, 'base64');
      const expected = new Float32Array(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      );
      const difference = Math.max(...expected.map((x, j) => Math.abs(x - (vectors[i]?.[j] ?? Number.NaN))));
      expect(difference).toBeLessThan(1e-6);
    }
  });
});

describe('the name of an embedder', () => {
  test('chooses one', () => {
    expect(createEmbedder('none')).toBeUndefined();
    expect(createEmbedder('offline')).toMatchObject({ model: 'energetic-ai:use-lite-512', dimension: 512 });
    expect(createEmbedder('energetic-ai:use-lite-512')).toBeInstanceOf(OfflineEmbedder);
    expect(createEmbedder('offline:openai:use-lite-512')).toMatchObject({ model: 'openai:use-lite-512' });
    const openai = createEmbedder('openai:text-embedding-3-large', { openai: { env: {}, dimensions: 256 } });
    expect(openai).toMatchObject({
      model: 'openai:text-embedding-3-large',
      dimension: 256,
      available: false,
    });
  });

  test('that is unknown is rejected with a list of the known ones', () => {
    expect(() => createEmbedder('magic')).toThrow(
      /Unknown embedder 'magic'[\s\S]*offline[\s\S]*openai:MODEL/,
    );
  });
});
