import { cpSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { createContainer } from '@switchyard/storage-container';
import { DocumentStore } from '@switchyard/storage-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunHereOptions, runHere, runHereJson } from './support/in-process.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const docs = join(folder, 'docs');
put(docs, 'a.md', '# A\n\nThe first page.\n');
put(docs, 'b.md', '# B\n\nThe second page.\n');

const template = join(folder, 'template.db');
let store: string;
let stores = 0;
beforeAll(async () => {
  for (const library of ['guide@1.0.0', 'Guide@2.0.0', 'guide', 'other@1.0.0']) {
    await runHereJson(['index', docs, '--library', library, '--store', template, '--embedder', 'none']);
  }
});
beforeEach(() => {
  stores += 1;
  store = join(folder, `store-${stores}.db`);
  cpSync(template, store);
});

/** Names of what is left. */
async function left(): Promise<string[]> {
  const libraries = (await runHereJson(['libraries', store])) as {
    name: string;
    versions: { name: string }[];
  }[];
  return libraries
    .flatMap(({ name, versions }) => versions.map((version) => `${name}@${version.name}`))
    .sort();
}

const all = ['guide@', 'guide@1.0.0', 'guide@2.0.0', 'other@1.0.0'];
const remove = (args: readonly string[], options?: RunHereOptions) =>
  runHere(['remove', store, ...args], options);

describe('remove', () => {
  it('removes one version, by its exact name in any case', async () => {
    expect(await runHereJson(['remove', store, 'GUIDE@1.0.0', '--yes'])).toEqual({
      dryRun: false,
      store,
      library: 'guide',
      wholeLibrary: false,
      pages: 2,
      chunks: 2,
      versions: [{ name: '1.0.0', pages: 2, chunks: 2 }],
    });
    expect(await left()).toEqual(['guide@', 'guide@2.0.0', 'other@1.0.0']);
    expect(await remove(['guide@', '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^Removed the unversioned documentation of guide, 2 pages and 2 chunks, from /,
      ),
    });
    expect(await left()).toEqual(['guide@2.0.0', 'other@1.0.0']);
  });

  it('removes a whole library, and says so', async () => {
    const { code, stdout, stderr } = await remove(['guide', '--yes']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^Removed the library guide with 3 versions \(unversioned, 2\.0\.0, 1\.0\.0\), 6 pages and 6 chunks, from .*\.\n$/,
    );
    expect(await left()).toEqual(['other@1.0.0']);
    expect((await remove(['other@1.0.0', '--yes'])).stdout).toContain('other@1.0.0, its only version, ');
    expect(await runHereJson(['libraries', store])).toEqual([]);
    expect(await runHereJson(['check', store])).toMatchObject({ sound: true });
  });

  it('changes nothing with --dry-run', async () => {
    expect(await remove(['guide', '--dry-run'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^Would remove the library guide with 3 versions.*\nNothing was changed\.\n$/,
      ),
    });
    expect(await runHereJson(['remove', store, 'guide', '--dry-run'])).toMatchObject({
      dryRun: true,
      pages: 6,
    });
    expect(await left()).toEqual(all);
  });

  it('leaves a version that was added while it asked', async () => {
    async function* answer() {
      await runHereJson(['index', docs, '--library', 'other@2.0.0', '--store', store, '--embedder', 'none']);
      yield 'y\n';
    }
    expect(await remove(['other'], { input: answer(), terminal: true })).toMatchObject({ code: 0 });
    expect(await left()).toEqual(['guide@', 'guide@1.0.0', 'guide@2.0.0', 'other@2.0.0']);
  });

  it('requires --yes without a terminal', async () => {
    for (const input of ['', 'y\n']) {
      const { code, stdout, stderr } = await remove(['guide'], { input });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        /CLI_USAGE\]: A confirmation is required: Remove the library guide with 3 versions.*\n.*--yes/,
      );
    }
    expect(await left()).toEqual(all);
  });

  it.each(['n\n', '\n', '', 'yess\n'])(
    'asks on a terminal, and does nothing for the answer %j',
    async (input) => {
      const { code, stdout, stderr } = await remove(['guide@2.0.0'], {
        input,
        terminal: true,
        env: { NO_COLOR: '1' },
      });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        /^Remove guide@2\.0\.0, 2 pages and 2 chunks, from .*\? \[y\/N\] note: Nothing was changed\.\n$/,
      );
      expect(await left()).toEqual(all);
    },
  );

  it('does not ask where the question would not be read', async () => {
    const json = await remove(['guide@2.0.0', '--json'], { input: 'y\n', terminal: true });
    expect([json.code, json.stdout]).toEqual([2, '']);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'CLI_USAGE' } });
    expect(await left()).toEqual(all);
  });

  it('removes after the answer yes', async () => {
    expect(await remove(['guide@2.0.0'], { input: 'Y\n', terminal: true })).toMatchObject({ code: 0 });
    expect(await left()).not.toContain('guide@2.0.0');
  });

  it('does not choose a version by a range, and lists the existing ones', async () => {
    for (const version of ['2', '^2.0.0', 'latest', '3.0.0']) {
      const { code, stderr } = await remove([`guide@${version}`, '--yes']);
      expect(code).toBe(1);
      expect(stderr).toContain(`no version '${version}' of 'guide'`);
      expect(stderr).toContain('Its versions: the unversioned one, 2.0.0, 1.0.0.');
    }
    expect((await remove(['nothing', '--yes'])).stderr).toContain('Its libraries: guide, other.');
    expect((await remove(['other@', '--yes'])).stderr).toContain("no unversioned documentation of 'other'");
    expect(await left()).toEqual(all);
  });

  it('removes a library that has lost its versions', async () => {
    await using container = createContainer({ modules: [libsqlModule], env: {} });
    const documents = await DocumentStore.open({ backend: await container.openBackend(store) });
    await documents.removeVersion('other', '1.0.0', { removeLibrary: false });
    expect((await remove(['other', '--dry-run'])).stdout).toContain(
      'the library other with 0 versions, 0 pages',
    );
    expect(await remove(['other', '--yes'])).toMatchObject({ code: 0 });
    expect((await documents.libraries()).map(({ name }) => name)).toEqual(['guide']);
  });

  it('takes STORE from the environment', async () => {
    const env = { SWITCHYARD_STORE: store };
    expect(await runHere(['remove', 'other', '--yes'], { env })).toMatchObject({ code: 0 });
    expect(await runHere(['remove', 'guide@1.0.0', '--yes', '--store', store])).toMatchObject({ code: 0 });
    expect(await left()).toEqual(['guide@', 'guide@2.0.0']);
    expect(await runHere(['remove', '--yes'], { env })).toMatchObject({ code: 2 });
  });

  it('is refused while another process indexes one of the versions', async () => {
    await using container = createContainer({ modules: [libsqlModule], env: {} });
    const documents = await DocumentStore.open({ backend: await container.openBackend(store) });
    const versionId = await documents.resolveVersion('guide', '1.0.0');
    const before = await documents.scraperOptions(versionId);
    // The parent of this process runs as long as the test does.
    const run = { id: 'other', host: hostname(), pid: process.ppid, renewedAt: Date.now() };
    await documents.setScraperOptions(versionId, before?.sourceUrl ?? '', { ...before?.options, run });
    const { code, stderr } = await remove(['guide', '--yes']);
    expect(code).toBe(1);
    expect(stderr).toContain('CLI_BUSY');
    expect(await left()).toEqual(all);
  });
});
