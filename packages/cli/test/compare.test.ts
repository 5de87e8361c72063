import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Comparison } from '@switchyard/storage-compare';
import { beforeAll, describe, expect, it } from 'vitest';
import { switchyard, switchyardJson, switchyardProcess } from './support/command.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const a = join(folder, 'a.db');
const b = join(folder, 'b.db');
const queries = join(folder, 'queries.jsonl');

beforeAll(async () => {
  const docs = join(folder, 'docs');
  put(
    docs,
    'server.md',
    '# Server\n\nCall listen to start the server on a port.\n\n## Shutdown\n\nCall close to stop it.\n',
  );
  put(docs, 'plugins.md', '# Plugins\n\nRegister a plugin to extend the application with new abilities.\n');
  put(docs, 'logging.md', '# Logging\n\nThe logger writes one line of JSON for every request.\n');
  await switchyardJson(['index', docs, '--library', 'guide@1.0.0', '--store', a, '--embedder', 'none']);
  await switchyardJson(['copy', a, b]);
  const texts = ['start the server', 'register plugins', 'json logger'];
  const lines = texts.map((text) =>
    JSON.stringify({ library: 'guide', version: '1.0.0', text, intent: 'task' }),
  );
  writeFileSync(queries, `${lines.join('\n')}\n`);
});

const compare = (...rest: string[]) => switchyard(['compare', ...rest]);

describe('compare', () => {
  it('finds a copy equal, with a table for people', async () => {
    const { code, stdout } = await compare(a, b, '--queries', queries, '--repeat', '2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ B gives the same answers as A and /);
    expect(stdout).toMatch(/^store +overlap/m);
    expect(stdout).toMatch(/3 queries \(file\), 2 times each, seed 1/);
  });

  it('prints one object as JSON, without texts of documents', async () => {
    const { code, stdout } = await compare(
      a,
      b,
      '--queries',
      queries,
      '--repeat',
      '1',
      '--json',
      '--min-overlap',
      '1',
    );
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as Comparison & { checks: unknown };
    expect(result).toMatchObject({
      format: 'switchyard-comparison',
      formatVersion: 1,
      settings: { seed: 1, repeat: 1, source: 'file' },
      stores: [{ name: 'A', errors: 0 }, { name: 'B' }],
      pairs: [{ different: 0, tieAwareOverlap: 1, intents: [{ intent: 'task', queries: 3 }] }],
      checks: [{ threshold: 'minOverlap', store: 'B', value: 1, limit: 1, passed: true }],
    });
    expect(result.stores[0]?.digest).toBe(result.stores[1]?.digest);
    expect(stdout).not.toContain('Call listen to start');
  });

  it('is a gate with an exit code of its own', async () => {
    const edited = join(folder, 'edited.db');
    const docs = join(folder, 'edited');
    put(docs, 'server.md', '# Server\n\nNothing about what was asked.\n');
    await switchyardJson([
      'index',
      docs,
      '--library',
      'guide@1.0.0',
      '--store',
      edited,
      '--embedder',
      'none',
    ]);
    const missed = await compare(a, edited, '--queries', queries, '--repeat', '1', '--min-overlap', '0.9');
    expect(missed.code).toBe(3);
    expect(missed.stdout).toMatch(/^FAIL {2}minOverlap 0\.9: B /m);
    expect(missed.stdout).toMatch(/≠ B gives other answers than A to 3 of 3 queries/);
    const plain = await compare(a, edited, '--queries', queries, '--repeat', '1');
    expect(plain.code).toBe(0);
  });

  it('draws queries from the store, the same ones for a seed', async () => {
    const texts = async (seed: string) =>
      (
        (await switchyardJson([
          'compare',
          a,
          b,
          '--sample',
          '4',
          '--seed',
          seed,
          '--repeat',
          '1',
          '--quick',
        ])) as Comparison
      ).queries.map(({ text }) => text);
    expect(await texts('2')).toEqual(await texts('2'));
    expect(await texts('2')).toHaveLength(4);
  });

  it('replays a recorded log, each search once', async () => {
    const log = join(folder, 'log.jsonl');
    const line = (text: string) =>
      JSON.stringify({
        at: '2026-01-01T00:00:00Z',
        library: 'guide',
        version: '1.0.0',
        text,
        limit: 3,
        hits: 1,
        ms: 2,
      });
    writeFileSync(log, [line('plugin'), line('server'), line('plugin'), ''].join('\n'));
    const { code, stdout, stderr } = await compare(a, b, '--log', log, '--repeat', '1', '--json');
    expect(code).toBe(0);
    expect(stderr).toContain('1 repeated searches of the log are asked once.');
    expect((JSON.parse(stdout) as Comparison).queries.map(({ text, limit }) => [text, limit])).toEqual([
      ['plugin', 3],
      ['server', 3],
    ]);
  });

  it('writes a report page, and never over a store', async () => {
    const report = join(folder, 'report.html');
    expect((await compare(a, b, '--queries', queries, '--report', report, '--quick')).code).toBe(0);
    expect(readFileSync(report, 'utf8')).toMatch(/^<!doctype html>[\s\S]*B gives the same answers as A/);
    const before = readFileSync(b);
    const slip = await compare(a, b, '--queries', queries, '--report', b);
    expect([slip.code, slip.stderr]).toEqual([2, expect.stringContaining('ends in .html')]);
    expect(readFileSync(b).equals(before)).toBe(true);
  });

  it.each([
    ['two sources', ['--queries', queries, '--sample', '3'], 2, 'exclude each other'],
    ['a mode that is none', ['--mode', 'fast'], 2, 'exact or diskann'],
    ['a mode too few', ['--mode', 'exact,exact,exact'], 2, '3 modes for 2 stores'],
    ['a threshold that is no number', ['--min-overlap', 'all'], 2, 'number from 0'],
    ['a file that is not there', ['--queries', join(folder, 'nope.jsonl')], 1, 'CLI_FILE'],
    ['a file without queries', ['--log', '-'], 1, 'CLI_NO_QUERIES'],
  ])('refuses %s', async (_name, rest, code, message) => {
    const found = await compare(a, b, ...rest);
    expect([found.code, found.stderr]).toEqual([code, expect.stringContaining(message)]);
  });

  it('names the line of a query that cannot be read', async () => {
    const file = join(folder, 'wrong.jsonl');
    writeFileSync(file, '{"library":"guide","text":"x"}\n{"library":"guide","text":1}\n');
    const { code, stderr } = await compare(a, b, '--queries', file);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Line 2: "text" must be a string.')]);
  });

  it('needs two stores that exist', async () => {
    expect((await compare(a)).code).toBe(2);
    const missing = join(folder, 'missing.db');
    expect((await compare(a, missing)).code).toBe(1);
    expect(existsSync(missing)).toBe(false);
  });

  it('serves the report until it is interrupted', async () => {
    const served = new Promise<string>((resolve) => {
      void switchyardProcess(['compare', a, b, '--queries', queries, '--repeat', '1', '--quick', '--open'], {
        onStart: (child) => {
          let told = '';
          let isAsked = false;
          child.stderr?.on('data', (text: string) => {
            told += text;
            const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(told)?.[0];
            if (url === undefined || isAsked) return;
            isAsked = true;
            request(url, (response) => {
              response.resume();
              response.on('end', () => {
                child.kill('SIGINT');
                resolve(`${response.statusCode} ${response.headers['content-type']}`);
              });
            }).end();
          });
        },
      });
    });
    expect(await served).toBe('200 text/html; charset=utf-8');
  });
});
