import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { JsonObject, PageRecord, StoredScraperOptions } from '@switchyard/storage-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClaimStore, RunClaim } from '../src/indexing/run-claim.js';
import { identifySource, knownSources, mayDeleteVanished } from '../src/indexing/source-identity.js';
import { switchyard, switchyardJson, switchyardProcess } from './support/command.js';
import { EmbeddingEndpoint } from './support/embedding-endpoint.js';
import { put, temporaryFolder } from './support/temp.js';

describe('the identity of a source', () => {
  it.each([
    ['npm:pino@10.4.0', undefined, 'npm:pino'],
    ['npm:@scope/name@1.0.0-rc.1', undefined, 'npm:@scope/name'],
    ['npm:pino', undefined, 'npm:pino'],
    ['file:///ci/1/project/docs', undefined, 'docs'],
    ['file:///ci/1/docs', 'https://x.org/d', 'https://x.org/d/'],
    ['file:///ci/2/docs', 'https://x.org/d/', 'https://x.org/d/'],
    ['file:///ci/1/docs/a%20b.md', 'https://x.org/d/', 'https://x.org/d/a%20b.md'],
    ['file:///ci/1/docs/a.md', undefined, 'a.md'],
  ])('%s below %s is %s', (url, baseUrl, identity) => {
    expect(identifySource(url, baseUrl)).toEqual({ identity, url });
  });

  it('is derived for versions indexed by an earlier release or another application', () => {
    const stored = { sourceUrl: 'file:///ci/1/docs', options: { loader: 'switchyard', source: 'docs' } };
    expect(knownSources(stored)).toEqual([{ identity: 'docs', url: 'file:///ci/1/docs' }]);
    expect(knownSources({ sourceUrl: 'https://x.org/docs', options: {} })).toHaveLength(1);
    expect(knownSources({ sourceUrl: 'file:nonsense%2F', options: { sources: 7 } })).toHaveLength(1);
    expect(knownSources(null)).toEqual([]);
  });

  const pages = (count: number) => Array.from({ length: count }, () => ({}) as PageRecord);
  const docs = identifySource('file:///ci/1/docs', undefined);
  it.each([
    ['the same place, whatever vanished', docs, [docs], 9, true],
    ['another checkout that has most pages', identifySource('file:///ci/2/docs', undefined), [docs], 5, true],
    ['another folder of that name', identifySource('file:///other/docs', undefined), [docs], 6, false],
    ['another folder', identifySource('file:///ci/1/guide', undefined), [docs], 0, false],
    ['one of several sources', docs, [docs, identifySource('npm:pino', undefined)], 0, false],
    [
      'a newer version of a package',
      identifySource('npm:p@2', undefined),
      [identifySource('npm:p@1', undefined)],
      10,
      true,
    ],
    ['a version of unknown origin', docs, [], 1, false],
  ] as const)('%s', (_what, source, known, vanished, may) => {
    expect(mayDeleteVanished({ source, known, stored: pages(10), vanished: pages(vanished) })).toBe(may);
  });
});

describe('a claim on a version', () => {
  class Memory implements ClaimStore {
    run: JsonObject | null = null;
    async read(): Promise<StoredScraperOptions> {
      return { sourceUrl: 'x', options: this.run === null ? {} : { run: this.run } };
    }
    async write(run: JsonObject | null): Promise<void> {
      this.run = run;
    }
  }
  const busy = { code: 'CLI_BUSY' };
  const other = (more: JsonObject): JsonObject => ({
    id: 'other',
    host: hostname(),
    pid: process.ppid,
    renewedAt: Date.now(),
    ...more,
  });

  it('is refused while another run has it, here or on another host', async () => {
    for (const run of [other({}), other({ host: 'elsewhere', pid: 1 })]) {
      const store = new Memory();
      store.run = run;
      await expect(RunClaim.take(store, 'a')).rejects.toMatchObject(busy);
      expect(store.run).toEqual(run);
    }
  });

  it('is granted if the other run was killed, or did not renew it for a long time', async () => {
    const long = Date.now() - 200_000;
    for (const run of [
      other({ pid: 2 ** 22 + 5 }),
      other({ renewedAt: long }),
      other({ host: 'elsewhere', renewedAt: long }),
    ]) {
      const store = new Memory();
      store.run = run;
      const claim = await RunClaim.take(store, 'a');
      await claim.check();
      await claim.release();
      expect(store.run).toBeNull();
    }
  });

  it('is granted to one of two simultaneous runs', async () => {
    const store = new Memory();
    const claims = await Promise.allSettled([RunClaim.take(store, 'a'), RunClaim.take(store, 'a')]);
    expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const claim of claims) if (claim.status === 'fulfilled') await claim.value.release();
  });
});

describe('switchyard index', () => {
  const folder = temporaryFolder();
  const store = join(folder, 'store.db');
  const docs = join(folder, 'docs');
  let endpoint: EmbeddingEndpoint;
  beforeAll(async () => {
    endpoint = await EmbeddingEndpoint.start();
    for (let i = 0; i < 4; i++) put(docs, `${i}.md`, `# Page ${i}\n\nText ${i}.\n`);
    put(join(folder, 'guide'), 'guide.md', '# Guide\n\nText.\n');
  });
  afterAll(() => endpoint.stop());

  it('keeps pages of another source until --replace-source', async () => {
    const index = (source: string, ...more: string[]) =>
      switchyardJson(['index', source, '--library', 'a@1', '--store', store, '--embedder', 'none', ...more]);
    await index(docs);
    expect(await index(join(docs, '1.md'))).toMatchObject({ vanishedDeleted: false, pagesAdded: 0 });
    rmSync(join(docs, '0.md'));
    expect(await index(docs)).toMatchObject({ vanishedDeleted: true, pagesVanished: ['0.md'] });
    const kept = await index(join(folder, 'guide'));
    expect(kept).toMatchObject({ vanishedDeleted: false, otherSources: [expect.stringMatching(/^docs /)] });
    expect(await index(docs)).toMatchObject({ vanishedDeleted: false, pagesVanished: ['guide.md'] });
    expect(await index(docs, '--replace-source')).toMatchObject({ vanishedDeleted: true });
    expect(await index(docs)).toMatchObject({ pagesUnchanged: 3, pagesVanished: [], otherSources: [] });
    const both = await switchyard(['index', docs, '--store', store, '--replace-source', '--keep-missing']);
    expect(both.code).toBe(2);
  });

  it('is refused while another process indexes the version, and succeeds once that one was killed', async () => {
    const args = ['index', docs, '--library', 'b@1', '--store', store];
    const embedder = ['--embedder', 'openai:test-model'];
    const held = endpoint.holdAfter(1); // the first answer tells the dimension
    let kill: () => void = () => undefined;
    const first = switchyardProcess([...args, ...embedder], {
      env: endpoint.env,
      onStart: (child) => {
        kill = () => child.kill('SIGKILL');
      },
    });
    await held;
    const second = await switchyard([...args, '--embedder', 'none', '--json']);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('CLI_BUSY');
    kill();
    await first;
    endpoint.release();
    expect(await switchyardJson([...args, '--embedder', 'none'])).toMatchObject({ pagesAdded: 3 });
  });
});
