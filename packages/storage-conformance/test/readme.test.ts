import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { contractTests } from '@switchyard/storage-conformance';
import { faults } from '@switchyard/storage-conformance/faults';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, 'readme');
const readme = () => readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8');

describe('the README', () => {
  it.each(['quick-start.test.ts', 'shared-server.test.ts', 'faults-and-errors.test.ts', 'node-test.mjs'])(
    'shows %s exactly as it runs here',
    async (file) => {
      expect(await readme()).toContain(`\`\`\`ts\n${await readFile(join(folder, file), 'utf8')}\`\`\``);
    },
  );

  it('states the number of tests and broken backends, and names every group', async () => {
    const text = await readme();
    expect(text).toContain(`${contractTests.length} contract tests, 0 skipped`);
    expect(text).toContain(`${contractTests.length} tests of the ports`);
    expect(text).toContain(`${faults.length} deliberately broken backends`);
    const guide = join(import.meta.dirname, '../../../docs/guides/writing-a-backend.md');
    expect(await readFile(guide, 'utf8')).toContain(`The contract has ${contractTests.length} tests.`);
    const table = text.split('| group | subject |')[1]?.split('\n\n')[0] ?? '';
    const named = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z0-9-]+)`/g)].map(([, group]) => group),
    );
    expect(named.sort()).toEqual([...new Set(contractTests.map(({ id }) => id.split('/')[0]))].sort());
  });

  it('is right that the suite runs under node --test', async () => {
    // vitest marks its workers with environment variables, which must not confuse node --test.
    const env = { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined };
    const args = ['--test', '--test-reporter', 'tap', join(folder, 'node-test.mjs')];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 1e8 });
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(/^# skipped 11$/m);
    expect(stdout).toContain(`memory: ${contractTests.length - 11} contract tests, 11 skipped`);
  });
});
