import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreMaintenance } from '@switchyard/storage-core/backend';
import { type IsolationOptions, maintenanceInChild } from '@switchyard/storage-isolation';
import { afterEach, describe, expect, test } from 'vitest';
import { rejection, trick, trickModule } from './support/trick.js';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Maintenance of a store whose child obeys one command when it opens, and one when it checks. */
async function maintenanceThat(
  { open, check }: { readonly open?: string; readonly check?: string },
  options: IsolationOptions = {},
): Promise<StoreMaintenance> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-maintenance-'));
  folders.push(folder);
  const path = join(folder, 'log');
  if (open !== undefined) await writeFile(`${path}.open`, open);
  if (check !== undefined) await writeFile(`${path}.check`, check);
  return maintenanceInChild({
    definition: trick,
    reference: { module: trickModule, exportName: 'trick' },
    connection: {
      backend: 'trick',
      location: { type: 'file', path },
      authToken: null,
      options: {},
      redacted: 'log',
    },
    options: { launcherDelayMs: 0, backoffBaseMs: 1, ...options },
  });
}

const check = async (...args: Parameters<typeof maintenanceThat>) =>
  (await maintenanceThat(...args)).check({ scope: 'full' });

const unfinished = {
  name: 'StorageError',
  code: 'STORAGE_CRASHED',
  backend: 'trick',
  retryable: true,
  outcome: undefined,
  message: expect.stringMatching(/^The check did not finish: /),
  advice: expect.stringContaining('Run the check again.'),
};

describe('a check in a child process', () => {
  test('returns the report of the child', async () => {
    expect(await check({})).toEqual({ scope: 'full', damages: [], skipped: [] });
  });

  test.each([
    { check: 'abort' },
    { check: 'signal=SIGSEGV' },
    { check: 'signal=SIGBUS' },
    { check: 'exit=134' },
    { open: 'abort' },
  ])('reports damage if the driver aborts: %j', async (commands) => {
    const { damages, skipped } = await check(commands);
    expect(damages).toMatchObject([{ code: 'unreadable', count: 1, repair: null }]);
    expect(skipped).toHaveLength(1);
  });

  test.each([
    { check: 'exit=0', how: 'exit code 0' },
    { check: 'exit=1', how: 'exit code 1' },
    { check: 'signal=SIGKILL', how: 'SIGKILL' },
    { check: 'abort-out-of-memory', how: 'SIGABRT' },
    { open: 'exit=0', how: 'exit code 0' },
    { open: 'signal=SIGKILL', how: 'SIGKILL' },
  ])('fails, and reports no damage, if the child ends otherwise: %j', async ({ how, ...commands }) => {
    const error = await rejection(check(commands));
    expect(error).toMatchObject(unfinished);
    expect((error as Error).message).toContain(how);
  });

  test('fails, and reports no damage, if the child cannot be started', async () => {
    const error = await rejection(check({}, { execArgv: ['--no-such-option'] }));
    expect(error).toMatchObject(unfinished);
  });
});
