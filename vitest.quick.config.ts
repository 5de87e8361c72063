import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { mergeConfig } from 'vitest/config';
import { startsProcesses } from './tests/support/starts-processes.js';
import config from './vitest.config.js';

const root = import.meta.dirname;

/** Tests that start no process and take long all the same. */
const LONG = ['tests/soak-*.test.ts'];

function testFiles(): string[] {
  const folders = [
    'tests',
    ...['packages', 'examples'].flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => join(parent, name, 'test')),
    ),
  ];
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  return present.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(root, folder, name)),
  );
}

/**
 * The tests of the inner loop: those that run in the processes of vitest. Tests that start servers, child processes or
 * the command take most of the time of a whole run.
 */
export default mergeConfig(config, {
  test: {
    exclude: [
      ...testFiles()
        .filter((file) => startsProcesses(file))
        .map((file) => relative(root, file)),
      ...LONG,
    ],
  },
});
