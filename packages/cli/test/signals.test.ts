import type { ChildProcess } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3'; // @legacy
import { beforeAll, describe, expect, it } from 'vitest';
import { type Finished, jsonLines, switchyardJson, switchyardProcess } from './support/command.js';
import { put, temporaryFolder } from './support/temp.js';

const PAGES = 1500;
const folder = temporaryFolder();
const docs = join(folder, 'docs');
const [full, part, queries] = ['full.db', 'part.db', 'queries.jsonl'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const legacy = join(folder, 'legacy.db'); // @legacy

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Output that must appear before the signal is sent. */
  readonly event: RegExp;
  /** Patterns of the message about the progress and how to resume. */
  readonly says: readonly RegExp[];
  /** Store that must be sound afterwards. */
  readonly store: string;
}

const target = (name: string) => join(folder, name);
const cases: readonly Case[] = [
  {
    name: 'index --embedder none',
    args: ['index', docs, '--store', target('index.db'), '--embedder', 'none'],
    event: /"label":"Indexing docs/,
    says: [/interrupted at \d+ of 1500 pages\./, /Run the same command again to index the rest\./],
    store: target('index.db'),
  },
  {
    name: 'index --embedder offline',
    args: ['index', docs, '--store', target('offline.db'), '--embedder', 'offline'],
    event: /"label":"Indexing docs/,
    says: [/interrupted at \d+ of 1500 pages\./, /Run the same command again to index the rest\./],
    store: target('offline.db'),
  },
  {
    name: 'copy',
    args: ['copy', full, target('copy.db')],
    event: /"label":"Copying to/,
    says: [/interrupted at \d+ of 1500 chunks\./, /Run the same command again to copy the rest\./],
    store: target('copy.db'),
  },
  {
    name: 'verify',
    args: ['verify', full, part],
    event: /"label":"Comparing/,
    says: [/interrupted at \d+ of \d+ chunks\./, /Neither store was changed\./],
    store: full,
  },
  // @legacy-begin
  {
    name: 'convert',
    args: ['convert', legacy, '--to', target('converted.db')],
    event: /"label":"Converting/,
    says: [/interrupted at \d+ of \d+ (rows|chunks)\./, /The legacy store is unchanged\./],
    store: `sqlite-vec:${legacy}`,
  },
  // @legacy-end
  {
    name: 'reembed',
    args: ['reembed', full, '--embedder', 'offline'],
    event: /"label":"Embedding with/,
    says: [/interrupted at \d+ of 1500 chunks\./, /`switchyard reembed STORE --abort` to discard them\./],
    store: full,
  },
  {
    name: 'check',
    args: ['check', full],
    event: /"label":"Checking/,
    says: [/CLI_INTERRUPTED/],
    store: full,
  },
  {
    name: 'search --queries',
    args: ['search', full, '--queries', queries],
    event: /"hits"/,
    says: [/The command was interrupted\./, /Printed results are complete\./],
    store: full,
  },
];

describe.skipIf(process.platform === 'win32')('a signal ends every long command cleanly', () => {
  beforeAll(async () => {
    for (let i = 0; i < PAGES; i++) put(docs, `page-${i}.md`, `# Page ${i}\n\nThe text of page ${i}.\n`);
    const index = ['index', docs, '--embedder', 'none', '--store'];
    await switchyardJson([...index, full]);
    copyFileSync(full, part);
    await switchyardJson(['copy', full, `sqlite-vec:${legacy}`]); // @legacy
    const query = JSON.stringify({ library: 'docs', version: '', text: 'text of page 7' });
    writeFileSync(queries, `${query}\n`.repeat(20_000));
  });

  it.each(cases)(
    '$name: Ctrl-C says how far it came and how to go on, and leaves a whole store',
    async (one) => {
      const { code, stderr, stdout } = await stopped(
        // Progress is printed at once as JSON only.
        one.name === 'search --queries' ? one.args : [...one.args, '--json'],
        one.event,
        'SIGINT',
      );
      expect(stderr).toContain('CLI_INTERRUPTED');
      for (const text of one.says) expect(stderr).toMatch(text);
      expect(code).toBe(130);
      if (one.name === 'search --queries') expect(jsonLines(stdout).length).toBeGreaterThan(0);
      const { equal } = (await switchyardJson(['verify', one.store, one.store, '--deep'])) as {
        equal: boolean;
      };
      expect(equal).toBe(true);
    },
  );

  // @legacy-begin
  it('migrate: Ctrl-C is heard during a step, which is undone, and the next run migrates', async () => {
    const store = `sqlite-vec:${legacy}`;
    lowerLevel(legacy);
    // The step waits for the lock of this transaction, and holds no event loop meanwhile.
    const lock = new Database(legacy);
    lock.exec('BEGIN IMMEDIATE');
    const { code, stderr } = await stopped(
      ['migrate', `${store}?busyTimeoutMs=60000`, '--json'],
      /"label":"Migrating/,
      'SIGINT',
    );
    lock.exec('ROLLBACK');
    lock.close();
    expect(stderr).toContain('CLI_INTERRUPTED');
    expect(stderr).toContain('The store is intact, at its old schema level or at the new one.');
    expect(code).toBe(130);
    expect(await switchyardJson(['migrate', store, '--dry-run'])).toMatchObject({ from: 13, to: 14 });
    expect(await switchyardJson(['migrate', store])).toMatchObject({ from: 13, to: 14 });
    expect(await switchyardJson(['verify', store, store])).toMatchObject({ equal: true });
  });
  // @legacy-end

  it('index resumes with the rest', async () => {
    const args = ['index', docs, '--store', target('index.db'), '--embedder', 'none'];
    const { pagesAdded, pagesUnchanged } = (await switchyardJson(args)) as Record<string, number>;
    expect((pagesAdded ?? 0) + (pagesUnchanged ?? 0)).toBe(PAGES);
    expect(pagesUnchanged).toBeLessThan(PAGES);
  });

  it('SIGTERM does the same with its own exit code, and --json says it as JSON', async () => {
    const args = ['copy', full, target('terminated.db'), '--json'];
    const { code, stderr } = await stopped(args, /"progress"/, 'SIGTERM');
    expect(code).toBe(143);
    const { error } = jsonLines(stderr).at(-1) as { error: { code: string; message: string } };
    expect(error.code).toBe('CLI_INTERRUPTED');
    expect(error.message).toMatch(/interrupted at \d+ of 1500 chunks/);
  });

  it('an idle standard input does not delay an interrupted command', async () => {
    const query = JSON.stringify({ library: 'docs', version: '', text: 'page' });
    const run = stopped(['search', full, '--queries', '-'], /"hits"/, 'SIGINT', (child) =>
      child.stdin?.write(`${query}\n`),
    );
    expect((await run).code).toBe(130);
  });

  it('a reader that closes the output ends the command without an error', async () => {
    const run = switchyardProcess(['search', full, '--queries', queries], {
      onStart: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
    });
    expect(await run).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error') });
  });
});

// @legacy-begin
/** Makes a store of the latest level one of level 013, as far as its record says: the step rebuilds what is there. */
function lowerLevel(path: string): void {
  const database = new Database(path);
  database.exec("DELETE FROM _schema_migrations WHERE id LIKE '014-%'");
  database.close();
}
// @legacy-end

/** Runs the command and sends it a signal as soon as its output contains the event. */
function stopped(
  args: readonly string[],
  event: RegExp,
  signal: NodeJS.Signals,
  begin?: (child: ChildProcess) => void,
): Promise<Finished> {
  return switchyardProcess(args, {
    keepStdinOpen: begin !== undefined,
    onStart: (child) => {
      let seen = '';
      let isSent = false;
      const look = (text: string) => {
        if (isSent) return;
        seen += text;
        isSent = event.test(seen);
        if (isSent) child.kill(signal);
      };
      child.stderr?.on('data', look);
      child.stdout?.on('data', look);
      begin?.(child);
    },
  });
}
