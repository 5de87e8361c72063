import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive, until } from '../../../tests/support/processes.js';
import { describeWithSqld } from './support/sqld.js';

const script = fileURLToPath(new URL('./support/leave-orphan.mjs', import.meta.url));

describeWithSqld('a server whose parent goes away', () => {
  test.each([
    { how: 'is killed outright', mode: 'stay', kill: true },
    { how: 'calls process.exit()', mode: 'exit', kill: false },
    { how: 'has nothing more to do', mode: 'end', kill: false },
  ])('ends with it when the parent $how, and its folder is removed', async ({ mode, kill }) => {
    const parent = spawn(process.execPath, [script, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => parent.once('exit', resolve));
    const [line] = (await createInterface({ input: parent.stdout })
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => [value])) as [string];
    const server = JSON.parse(line) as { pid: number; directory: string };
    if (kill) {
      expect(isAlive(server.pid)).toBe(true);
      parent.kill('SIGKILL');
    }
    await ended;
    await until(() => !isAlive(server.pid) && !existsSync(server.directory));
    expect(isAlive(server.pid)).toBe(false);
  });
});
