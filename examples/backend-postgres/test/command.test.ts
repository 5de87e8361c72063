import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '@switchyard/cli';
import postgresBackend from '@switchyard/example-backend-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-postgres-'));
const plain = join(folder, 'plain.db');
const back = join(folder, 'back.db');
const postgres = `pglite:${join(folder, 'store.pg')}`;

/** Runs the command in this process, with the backend, and returns what it printed. */
async function switchyard(...args: readonly string[]): Promise<unknown> {
  const [stdout, stderr] = [new Text(), new Text()];
  const code = await run({
    args: [...args, '--json'],
    modules: [postgresBackend],
    env: {},
    stdin: Readable.from([]),
    stdout,
    stderr,
    signal: new AbortController().signal,
  });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr.text}`);
  return JSON.parse(stdout.text) as unknown;
}

class Text extends Writable {
  text = '';

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += piece.toString('utf8');
    done();
  }
}

/** Indexes pages of this repository's documentation: real text, with real vectors of the offline model. */
beforeAll(async () => {
  const source = join(folder, 'guides');
  mkdirSync(source);
  for (const name of ['external-database.md', 'context-of-hits.md']) {
    cpSync(join(import.meta.dirname, '../../../docs/guides', name), join(source, name));
  }
  await switchyard('index', source, '--store', plain, '--embedder', 'offline');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the command with this backend', () => {
  it('refuses a store that does not exist, and creates nothing', async () => {
    await expect(switchyard('libraries', postgres)).rejects.toThrow('STORAGE_NOT_FOUND');
    expect(existsSync(join(folder, 'store.pg'))).toBe(false);
  });

  it('copies a libSQL store to PostgreSQL and back, with equal content', async () => {
    await switchyard('copy', plain, postgres);
    await switchyard('copy', postgres, back);
    expect(await switchyard('verify', plain, postgres, '--deep')).toMatchObject({ equal: true });
    expect(await switchyard('verify', plain, back, '--deep')).toMatchObject({ equal: true });
  });

  it('finds the same answers in both', async () => {
    await switchyard('compare', plain, postgres, '--sample', '10', '--min-overlap', '1');
  });

  it('inspects and checks it', async () => {
    expect(await switchyard('inspect', postgres)).toMatchObject({
      backend: 'postgres',
      engine: { name: 'PostgreSQL', version: expect.stringMatching(/^\d+.*, pgvector \d/) },
    });
    expect(await switchyard('doctor', postgres)).toMatchObject({ healthy: true });
  });
});
