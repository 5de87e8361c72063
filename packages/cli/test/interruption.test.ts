import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSqld, type SqldServer, sqldHint, startSqld } from '@switchyard/sqld';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../tests/support/processes.js';
import { switchyardJson, switchyardProcess } from './support/command.js';
import { EmbeddingEndpoint } from './support/embedding-endpoint.js';
import { put, temporaryFolder } from './support/temp.js';

/** More than are embedded at once. */
const PAGES = 200;
/** Names a locale variable: those are passed to child processes, unlike variables of other programs. */
const MARK = 'LC_SWITCHYARD_TEST_MARK';
const folder = temporaryFolder();
const found = findSqld() !== null;
if (!found && process.env.CI === 'true') throw new Error(`CI runs with a real server. ${sqldHint()}`);

interface VersionState {
  readonly status: string;
  readonly errorMessage: string | null;
  readonly urls: number;
}

/** A Ctrl-C reaches the command and every process it started. */
describe.skipIf(!found || process.platform === 'win32')(
  `switchyard index, interrupted as by a terminal${found ? '' : ` (skipped: ${sqldHint()})`}`,
  () => {
    let server: SqldServer;
    let endpoint: EmbeddingEndpoint;
    const docs = join(folder, 'docs');

    beforeAll(async () => {
      [server, endpoint] = await Promise.all([startSqld(), EmbeddingEndpoint.start()]);
      for (let i = 0; i < PAGES; i++) put(docs, `page-${i}.md`, `# Page ${i}\n\nThe text of page ${i}.\n`);
    });
    afterEach(() => {
      server.resume();
      endpoint.release();
    });
    afterAll(async () => {
      await Promise.all([server.stop(), endpoint.stop()]);
    });

    async function stateOf(store: string, library: string): Promise<VersionState | undefined> {
      const libraries = (await switchyardJson(['libraries', store])) as {
        name: string;
        versions: VersionState[];
      }[];
      return libraries.find(({ name }) => name === library)?.versions[0];
    }

    const stores: readonly (readonly [string, string, (url: string) => string])[] = [
      ['a server', 'server', (url) => url],
      ['a replica', 'replica', (url) => `file:${join(folder, 'replica.db')}?syncUrl=${url}`],
      ['a file, in a child process', 'file', () => `${join(folder, 'store.db')}?isolation=process`],
    ];

    it.each(stores)(
      '%s: the version is cancelled, no process stays, and it goes on',
      async (_what, library, store) => {
        const connection = store(server.url);
        const args = ['index', docs, '--library', `${library}@1`, '--store', connection];
        const embedder = ['--embedder', 'openai:test-model'];
        const held = endpoint.holdAfter(1);
        const mark = randomUUID();
        let atWork = 0;
        const { code, stderr } = await switchyardProcess([...args, ...embedder], {
          env: { ...endpoint.env, [MARK]: mark },
          ownGroup: true,
          onStart: ({ pid = 0 }) => {
            void held.then(() => {
              atWork = processesWith(mark).length;
              process.kill(-pid, 'SIGINT');
            });
          },
        });
        expect(stderr).toContain('CLI_INTERRUPTED');
        expect(code).toBe(130);
        if (process.platform === 'linux') expect(atWork).toBeGreaterThan(1);
        expect(processesWith(mark)).toEqual([]);
        expect(await stateOf(connection, library)).toMatchObject({ status: 'cancelled', errorMessage: null });

        endpoint.release();
        await switchyardJson([...args, ...embedder], { env: endpoint.env });
        expect(await stateOf(connection, library)).toMatchObject({ status: 'completed', urls: PAGES });
      },
    );

    it('a second Ctrl-C ends it immediately even if the server is silent, and leaves no process', async () => {
      const args = ['index', docs, '--library', 'silent@1', '--store', server.url];
      const held = endpoint.holdAfter(1); // by then the store has a version to cancel
      const mark = randomUUID();
      const { code } = await switchyardProcess([...args, '--embedder', 'openai:test-model'], {
        env: { ...endpoint.env, [MARK]: mark },
        ownGroup: true,
        onStart: ({ pid = 0 }) => {
          void held.then(async () => {
            await server.pause();
            process.kill(-pid, 'SIGINT');
            setTimeout(() => process.kill(-pid, 'SIGINT'), 300);
          });
        },
      });
      server.resume();
      expect(code).toBe(130);
      await until(() => processesWith(mark).length === 0);
    });
  },
);

/** The processes, other than this one, that were started with the mark in their environment. Linux only; elsewhere none. */
function processesWith(mark: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && environmentOf(pid).includes(mark));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // it has ended, or is another user's
  }
}
