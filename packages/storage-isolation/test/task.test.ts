import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { isProcessRunning, runTask } from '@switchyard/storage-isolation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../tests/support/processes.js';
import { Channel } from '../src/protocol/channel.js';
import type { FromTask, ToTask } from '../src/task/messages.js';

const program = fileURLToPath(new URL('./fixtures/task-host.mjs', import.meta.url));
const reference = { module: new URL('./fixtures/task.mjs', import.meta.url).href, exportName: 'writeFile' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-isolation-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a task that requires its host before the last step', () => {
  test('takes the step while the host is running', async () => {
    const file = join(folder, 'file');
    const request = { backend: 'test', reference, input: file, graceMs: 1000 };
    await expect(runTask(request)).resolves.toBe('done');
    expect(existsSync(file)).toBe(true);
  });

  test.skipIf(process.platform === 'win32')(
    'ends instead when the host was killed, also before it notices that a pipe closed',
    async () => {
      const file = join(folder, 'file');
      const host = spawn(process.execPath, [program], {
        stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
      });
      const killed = once(host, 'exit');
      const received: FromTask[] = [];
      await new Promise<void>((resolve) => {
        const channel = new Channel<ToTask, FromTask>(
          host.stdio[3] as Socket,
          (message) => {
            received.push(message);
            host.kill('SIGKILL');
            void killed.then(() => channel.send({ type: 'continue' }));
          },
          resolve,
        );
        const hostPid = host.pid as number;
        channel.send({ type: 'run', reference, input: file, deadline: undefined, hostPid });
      });
      expect(received).toEqual([{ type: 'progress', value: 'ready' }]);
      expect(existsSync(file)).toBe(false);
    },
  );
});

describe('isProcessRunning', () => {
  test('is true for this process and one of another user, false for none', () => {
    expect(isProcessRunning(process.pid)).toBe(true);
    expect(isProcessRunning(1)).toBe(true);
    expect([0, -1, 0.5, Number.NaN].map(isProcessRunning)).toEqual([false, false, false, false]);
  });

  test.skipIf(process.platform !== 'linux')('is false for a zombie', async () => {
    // The first shell starts a child that ends with its input and becomes another one, which knows of no child to reap.
    const script = 'cat <&3 >/dev/null & exec /bin/sh -c "echo $!; exec sleep 60"';
    const parent = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isProcessRunning(pid)).toBe(true);
    (parent.stdio[3] as Socket).end();
    await until(() => !isProcessRunning(pid));
    expect(() => process.kill(pid, 0)).not.toThrow();
    parent.kill('SIGKILL');
  });
});
