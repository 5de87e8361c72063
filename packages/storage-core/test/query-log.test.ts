import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { DocumentStore, type QueryLogOptions } from '@switchyard/storage-core';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-query-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = {
  url: 'https://docs.example/secret-page',
  title: 'Confidential title',
  chunks: [
    { content: 'The plugin is confidential.', metadata: { types: ['text'], level: 1, path: ['Plugins'] } },
  ],
};

async function openStore(queryLog?: QueryLogOptions): Promise<DocumentStore> {
  const store = await DocumentStore.open({ backend: new MemoryBackend(), queryLog });
  await store.addPage('Guide', '1.0', page);
  return store;
}

function linesOf(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

describe('the query log', () => {
  it('records searches in order, as lines that can be asked again, and nothing of a document', async () => {
    const path = join(folder, 'log.jsonl');
    const store = await openStore({ path });
    await Promise.all(
      ['plugin', 'nothing of that', 'the "plugin"'].map((text) => store.search('Guide', '1.0', text)),
    );
    await store.search('Guide', '1.0', 'plugin', { limit: 2 });
    await store.close();
    expect(linesOf(path)).toMatchObject([
      {
        library: 'Guide',
        version: '1.0',
        text: expect.any(String),
        limit: 5,
        hits: expect.any(Number),
        ms: expect.any(Number),
      },
      {},
      {},
      { text: 'plugin', limit: 2, hits: 1, at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    expect(readFileSync(path, 'utf8')).not.toMatch(/confidential|secret-page/i);
  });

  it.skipIf(process.platform === 'win32')('is for its owner only, also when the file was there', async () => {
    const path = join(folder, 'wide.jsonl');
    writeFileSync(path, '{"library":"old","text":"kept"}\n');
    chmodSync(path, 0o644);
    const store = await openStore({ path });
    await store.search('guide', '1.0', 'plugin');
    await store.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(linesOf(path)).toMatchObject([{ text: 'kept' }, { text: 'plugin' }]);
  });

  it('writes what the hook makes of a text, and leaves out what it refuses', async () => {
    const path = join(folder, 'redacted.jsonl');
    const redact = (text: string) =>
      text.includes('password') ? null : text.replaceAll(/\S+@\S+/g, '[mail]');
    const store = await openStore({ path, redact });
    await store.search('guide', '1.0', 'mail of ada@example.org');
    await store.search('guide', '1.0', 'my password');
    await store.close();
    expect(linesOf(path)).toMatchObject([{ text: 'mail of [mail]' }]);
    expect(linesOf(path)).toHaveLength(1);
  });

  it('never fails a search: a failure ends the recording and is told once', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const missing = await openStore({ path: join(folder, 'no-such-folder', 'log.jsonl'), onError });
    expect(await missing.search('guide', '1.0', 'plugin')).toHaveLength(1);
    expect(await missing.search('guide', '1.0', 'plugin')).toHaveLength(1);
    await missing.close();
    const throwing = await openStore({
      path: join(folder, 'throwing.jsonl'),
      redact: () => {
        throw new Error('no');
      },
      onError,
    });
    expect(await throwing.search('guide', '1.0', 'plugin')).toHaveLength(1);
    await throwing.close();
    expect(errors).toHaveLength(2);
    expect(existsSync(join(folder, 'throwing.jsonl'))).toBe(false);
  });

  it.skipIf(process.platform === 'win32')('does not follow a link to another file', async () => {
    const target = join(folder, 'target.txt');
    writeFileSync(target, 'as it was');
    const path = join(folder, 'link.jsonl');
    symlinkSync(target, path);
    const errors: unknown[] = [];
    const store = await openStore({ path, onError: (error) => errors.push(error) });
    await store.search('guide', '1.0', 'plugin');
    await store.close();
    expect([errors.length, readFileSync(target, 'utf8')]).toEqual([1, 'as it was']);
  });

  it('is not made by a store that was not asked to record, or that is not searched', async () => {
    const path = join(folder, 'unused.jsonl');
    await (await openStore({ path })).close();
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    [{ path: 'docs.db' }, /queryLog\.path must be a path that ends in \.jsonl/],
    [{}, /queryLog\.path/],
    [{ path: 'a.jsonl', redact: 'all' }, /queryLog\.redact must be a function/],
    [null, /queryLog must be an object/],
  ])('refuses the options %j', async (queryLog, message) => {
    await expect(openStore(queryLog as QueryLogOptions)).rejects.toThrow(message);
  });
});
