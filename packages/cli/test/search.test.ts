import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Finished,
  jsonLines,
  switchyard,
  switchyardJson,
  switchyardProcess,
} from './support/command.js';
import { put, temporaryFolder } from './support/temp.js';

interface SearchAnswer {
  readonly version: string;
  readonly mode: string;
  readonly hits: readonly {
    readonly id: number;
    readonly url: string;
    readonly score: number;
    readonly vecRank: number | null;
    readonly ftsRank: number | null;
    readonly content: string;
  }[];
}

const folder = temporaryFolder();
const store = join(folder, 'docs.db');
const plain = join(folder, 'plain.db');

function search(args: readonly string[], input?: string): Promise<Finished> {
  return switchyard(['search', ...args], input === undefined ? {} : { input });
}

async function searchJson(args: readonly string[]): Promise<SearchAnswer> {
  return (await switchyardJson(['search', ...args])) as SearchAnswer;
}

beforeAll(async () => {
  const docs = join(folder, 'docs');
  put(
    docs,
    'server.md',
    '# Server\n\nCall listen to start the server on a port.\n\n## Shutdown\n\nCall close to stop it.\n',
  );
  put(docs, 'plugins.md', '# Plugins\n\nRegister a plugin to extend the application with new abilities.\n');
  put(docs, 'logging.md', '# Logging\n\nThe logger writes one line of JSON for every request.\n');
  for (const version of ['1.0.0', '1.2.0', '2.0.0']) {
    await switchyardJson(['index', docs, '--library', `guide@${version}`, '--store', store]);
  }
  await switchyardJson(['index', docs, '--library', 'guide', '--store', plain, '--embedder', 'none']);
});

describe('one search', () => {
  it('prints a score below 0.0001 with two digits', async () => {
    // Every chunk contains the word, so bm25 gives it next to nothing.
    const everywhere = join(folder, 'everywhere.db');
    const docs = join(folder, 'everywhere');
    for (const name of ['a', 'b', 'c']) put(docs, `${name}.md`, `# ${name}\n\nzebra ${name}\n`);
    await switchyardJson(['index', docs, '--library', 'same', '--store', everywhere, '--embedder', 'none']);
    const { stdout } = await search([everywhere, 'same', 'zebra']);
    expect(stdout).toMatch(/score \d\.\de-\d, full-text #1/);
  });

  it('uses vectors and full text, with the recorded model of the store', async () => {
    const { code, stdout, stderr } = await search([store, 'guide@1.0.0', 'how do I run it?']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1\. /);
    expect(stdout).toMatch(/score \d\.\d{4}, vector #\d+, full-text #\d+, chunk \d+/);
    const { mode, hits } = await searchJson([store, 'guide@1.0.0', 'how do I run it?']);
    expect(mode).toBe('hybrid');
    expect(hits[0]?.url).toMatch(/server\.md$/);
    expect(hits.every(({ id, vecRank }) => Number.isSafeInteger(id) && vecRank !== null)).toBe(true);
  });

  it('accepts its text in one or several arguments, and a limit', async () => {
    const one = await searchJson([store, 'guide@1.0.0', 'register a plugin', '-n', '2']);
    const several = await searchJson([store, 'guide@1.0.0', 'register', 'a', 'plugin', '--limit', '2']);
    expect(one).toEqual(several);
    expect(one.hits).toHaveLength(2);
    expect((await searchJson([store, 'guide@1.0.0', 'plugin', '-n', '0'])).hits).toEqual([]);
  });

  it('uses full text only on request, without a note', async () => {
    const { code, stderr, stdout } = await search([store, 'guide@1.0.0', 'plugin', '--fts-only', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { mode, hits } = JSON.parse(stdout) as SearchAnswer;
    expect(mode).toBe('fts');
    expect(hits.map(({ vecRank, ftsRank }) => [vecRank, ftsRank])).toEqual(hits.map((_, i) => [null, i + 1]));
    expect(hits[0]?.url).toMatch(/plugins\.md$/);
  });

  it('reports that nothing was found', async () => {
    const { code, stdout } = await search([store, 'guide@1.0.0', 'zebra', '--fts-only']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Nothing found.\n' });
  });

  it('uses full text, with a note, if the store has no vectors', async () => {
    const { code, stdout, stderr } = await search([plain, 'guide', 'plugin']);
    expect(code).toBe(0);
    expect(stderr).toContain('note: The store has no vectors: full text only.');
    expect(stdout).toContain('plugins.md');
    const asJson = await search([plain, 'guide', 'plugin', '--json']);
    expect(jsonLines(asJson.stderr)).toEqual([{ note: expect.stringContaining('full text only') }]);
  });

  it('refuses another model than that of the store', async () => {
    const { code, stderr } = await switchyard(
      ['search', store, 'guide@1.0.0', 'plugin', '--embedder', 'openai:text-embedding-3-small'],
      { env: { OPENAI_API_KEY: 'SECRET' } },
    );
    expect(code).toBe(1);
    expect(stderr).toContain('error [STORAGE_MODEL_CHANGED]');
    expect(stderr).toContain('text-embedding-3-small');
    expect(stderr).not.toContain('SECRET');
  });

  it('refuses an embedder without credentials, and an unknown one', async () => {
    const withoutKey = await search([
      store,
      'guide@1.0.0',
      'x',
      '--embedder',
      'openai:text-embedding-3-small',
    ]);
    expect(withoutKey.code).toBe(1);
    expect(withoutKey.stderr).toContain('OPENAI_API_KEY');
    const unknown = await search([store, 'guide@1.0.0', 'x', '--embedder', 'nonsense']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('offline');
  });

  it.each([
    ['guide@1', '1.2.0', 'the highest version in that range'],
    ['guide@1.0', '1.0.0', 'the highest version in that range'],
    ['guide@^1.0', '1.2.0', 'the highest version in that range'],
    ['guide@1.x', '1.2.0', 'the highest version in that range'],
    ['guide@>=1.2', '2.0.0', 'the highest version in that range'],
    ['guide@v1.2.0', '1.2.0', 'which is the same version'],
    ['guide@1.5.0', '1.2.0', 'the highest version below it'],
    ['guide@latest', '2.0.0', 'the highest stable version'],
    ['guide', '2.0.0', 'the highest stable version'],
    ['GUIDE@2', '2.0.0', 'the highest version in that range'],
  ])('resolves %s to %s and reports it', async (library, version, reason) => {
    const { code, stdout, stderr } = await search([store, library, 'plugin', '--fts-only', '--json']);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as SearchAnswer).version).toBe(version);
    expect(stderr).toContain(`${library} resolved to ${library.split('@')[0]}@${version}, ${reason}.`);
  });

  it.each([
    ['guide@9', /Its versions: 2\.0\.0, 1\.2\.0, 1\.0\.0/],
    ['guide@', /Its versions: 2\.0\.0/],
    ['gide', /Its libraries: guide/],
  ])('of %s, which does not exist, lists the existing ones', async (library, message) => {
    const { code, stdout, stderr } = await search([store, library, 'plugin']);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('error [STORAGE_NOT_FOUND]');
    expect(stderr).toMatch(message);
  });
});

describe('many searches', () => {
  const query = (text: string, rest: object = {}) =>
    JSON.stringify({ library: 'guide', version: '1.0.0', text, ...rest });

  it('answers in the order of the lines, from a file and from stdin', async () => {
    const lines = ['plugin', 'logger', 'close', 'listen'].map((text) => query(text, { limit: 1 }));
    const file = join(folder, 'queries.jsonl');
    writeFileSync(file, `${lines.join('\r\n')}\r\n\n`);
    const fromFile = await search([store, '--queries', file]);
    const fromStdin = await search([store, '--queries', '-'], lines.join('\n'));
    expect(fromFile.code).toBe(0);
    expect(fromStdin.stdout).toBe(fromFile.stdout);
    const answers = jsonLines(fromFile.stdout) as { text: string; hits: { url: string }[] }[];
    expect(answers.map(({ text, hits }) => [text, hits[0]?.url.replace(/.*\//, '')])).toEqual([
      ['plugin', 'plugins.md'],
      ['logger', 'logging.md'],
      ['close', 'server.md'],
      ['listen', 'server.md'],
    ]);
    expect(fromFile.stderr).toContain('full text only');
  });

  it('fills in version and limit; an unknown library has no hits', async () => {
    const { code, stdout } = await search(
      [store, '--queries', '-', '-n', '2'],
      '{"library":"none","text":"plugin"}',
    );
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toEqual([{ library: 'none', version: '', text: 'plugin', limit: 2, hits: [] }]);
  });

  it('embeds lines without a vector if an embedder is specified', async () => {
    const { code, stdout, stderr } = await search(
      [store, '--queries', '-', '--embedder', 'offline'],
      query('run it'),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [answer] = jsonLines(stdout) as SearchAnswer[];
    expect(answer?.hits[0]?.vecRank).not.toBeNull();
  });

  it.each([
    ['{broken', /Not valid JSON/],
    ['[]', /Not a JSON object/],
    ['{"text":"x"}', /"library"/],
    ['{"library":"guide","version":"1.0.0"}', /"text"/],
    [query('x', { limit: -1 }), /"limit"/],
    [query('x', { limit: '5' }), /"limit"/],
    [query('x', { vector: 'not base64!' }), /base64/],
    [query('x', { vector: 'AAA=' }), /multiple of 4/],
    [query('x', { vector: Buffer.from(new Float32Array(600).fill(1).buffer).toString('base64') }), /600/],
    [
      query('x', { vector: Buffer.from(new Float32Array(512).fill(Number.NaN).buffer).toString('base64') }),
      /finite/,
    ],
  ])('reports an error in place of %s and answers all others', async (bad, message) => {
    const input = `${query('plugin')}\n\n${bad}\n${query('logger')}\n`;
    const { code, stdout, stderr } = await search([store, '--queries', '-'], input);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error \[CLI_QUERY_INVALID\]: Line 3: /);
    expect(stderr).toMatch(message);
    const answers = jsonLines(stdout);
    expect(answers).toHaveLength(3);
    expect(answers[0]).toMatchObject({ text: 'plugin' });
    expect(answers[1]).toMatchObject({
      line: 3,
      error: { code: expect.any(String), message: expect.stringMatching(message) },
    });
    expect(answers[2]).toMatchObject({ text: 'logger' });
  });

  it('requires an existing file', async () => {
    const { code, stdout, stderr } = await search([store, '--queries', join(folder, 'nothing.jsonl')]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error [CLI_FILE]');
  });

  it('exits quietly when the reader closes the pipe', async () => {
    const many = `${query('plugin')}\n`.repeat(2000);
    const finished = await switchyardProcess(['search', store, '--queries', '-'], {
      input: many,
      onStart: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
    });
    expect(finished.code).toBe(0);
    expect(finished.stderr).not.toContain('EPIPE');
  });
});
