import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseArguments } from '../src/arguments.js';
import { agreement, median } from '../src/compare.js';
import { type Documentation, loadDocumentation } from '../src/documentation.js';
import { toJson } from '../src/report/json.js';
import type { Progress } from '../src/report/progress.js';
import { toText } from '../src/report/text.js';
import { runDemo } from '../src/run-demo.js';
import { SOURCE } from '../src/stores.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const silent: Progress = { start: () => undefined, update: () => undefined, stop: () => undefined };

/** A few pages of each package: real documentation, embedded in seconds. */
async function fewPages(): Promise<Documentation[]> {
  const documentation = await loadDocumentation(false, expect.fail);
  return documentation.map((entry) => {
    const pages = entry.pages.filter(({ chunks }) => chunks.length < 6).slice(0, 4);
    return { ...entry, pages, chunks: pages.reduce((sum, page) => sum + page.chunks.length, 0) };
  });
}

describe('the demo', () => {
  test('gets equal answers from both stores, and a second run embeds nothing', async () => {
    const documentation = await fewPages();
    const settings = { keep: folder, documentation, progress: silent, signal: new AbortController().signal };
    const result = await runDemo(settings);
    const chunks = documentation.reduce((sum, entry) => sum + entry.chunks, 0);
    expect(chunks).toBeGreaterThan(20);
    expect(result.indexing).toMatchObject({ embedded: chunks, copied: chunks });
    expect(result.comparisons).toHaveLength(12);
    for (const { source, libsql, overlap, identical, question } of result.comparisons) {
      expect(source.length, question.text).toBe(5);
      expect(
        libsql.map(({ url }) => url),
        question.text,
      ).toEqual(source.map(({ url }) => url));
      expect({ overlap, identical }, question.text).toEqual({ overlap: 5, identical: true });
    }
    expect(existsSync(join(folder, SOURCE.file)) && existsSync(join(folder, 'libsql.db'))).toBe(true);

    const again = await runDemo(settings);
    expect(again.indexing).toMatchObject({ embedded: 0, copied: chunks });
    expect(again.comparisons.map(({ libsql }) => libsql.map(({ id }) => id))).toEqual(
      result.comparisons.map(({ libsql }) => libsql.map(({ id }) => id)),
    );

    const text = toText(result, { show: 2, columns: 100, seconds: 7 });
    expect(text).toContain('12 of 12 questions have the same five answers');
    expect(text).toContain('npx @switchyard/cli search');
    const report = JSON.parse(toJson(result, 7)) as { questions: { libsql: unknown[]; overlap: number }[] };
    expect(report.questions[0]).toMatchObject({ overlap: 5, libsql: { length: 5 } });
  });

  test('leaves nothing behind when it is stopped', async () => {
    const before = await readdir(tmpdir());
    const controller = new AbortController();
    const progress = { ...silent, start: () => controller.abort() };
    const run = runDemo({ keep: null, documentation: await fewPages(), progress, signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith('switchyard-demo-'));
    expect(left.filter((name) => !before.includes(name))).toEqual([]);
  });

  test('describes valid and rejects invalid options', async () => {
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const run = promisify(execFile);
    expect((await run(process.execPath, [main, '--help'])).stdout).toContain('--keep DIR');
    const failed = run(process.execPath, [main, '--show', '9']);
    await expect(failed).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('from 1 to 5') });
  });
});

test('arguments', () => {
  expect(parseArguments([])).toEqual({ keep: null, all: false, json: false, help: false, show: 3 });
  expect(parseArguments(['--keep', 'x', '--json', '--show', '5', '--all'])).toMatchObject({
    keep: 'x',
    show: 5,
    all: true,
  });
  expect(() => parseArguments(['--nonsense'])).toThrow(TypeError);
});

test('the agreement of two answers', () => {
  const answer = (...ids: string[]) => ids.map((id) => ({ id }));
  expect(agreement(answer('1', '2', '3'), answer('1', '2', '3'))).toEqual({ overlap: 3, identical: true });
  expect(agreement(answer('1', '2', '3'), answer('2', '1', '4'))).toEqual({ overlap: 2, identical: false });
  expect(agreement(answer('1'), answer('1', '2'))).toEqual({ overlap: 1, identical: false });
});

test('the median', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, 0]);
});
