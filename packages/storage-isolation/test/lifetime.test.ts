import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive, until } from '../../../tests/support/processes.js';
import { openTrick } from './support/trick.js';

const program = fileURLToPath(new URL('./fixtures/parent.mjs', import.meta.url));
const driverModule = new URL('./fixtures/driver.mjs', import.meta.url).href;

let folder: string;
let parents: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-isolation-'));
  parents = [];
});
afterEach(async () => {
  for (const parent of parents) parent.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Parent {
  readonly process: ChildProcess;
  readonly children: readonly number[];
  /** Exit code or signal, and everything printed after the ids of its children. */
  readonly ended: Promise<{ readonly how: unknown; readonly printed: readonly string[] }>;
}

async function start(command: string, ending: string, server?: string): Promise<Parent> {
  const location =
    server === undefined ? { type: 'file', path: join(folder, 'log') } : { type: 'server', url: server };
  const backend = server === undefined ? ['trick', 'trick'] : [driverModule, 'driver'];
  const parent = spawn(process.execPath, [program, ...backend, command, ending, JSON.stringify(location)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  parents.push(parent);
  const exit = once(parent, 'exit');
  const lines = createInterface({ input: parent.stdout });
  const printed: string[] = [];
  const [first] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => printed.push(line));
  const closed = once(lines, 'close');
  return {
    process: parent,
    children: JSON.parse(first) as number[],
    ended: exit.then(async ([code, signal]) => {
      await closed;
      return { how: signal ?? code, printed };
    }),
  };
}

async function expectGone(pids: readonly number[]): Promise<void> {
  expect(pids.length).toBeGreaterThan(0);
  await until(() => !pids.some(isAlive));
}

describe('no child outlives its parent', () => {
  test.each(['idle', 'hang-busy', 'hang-native', 'hang-promise'])(
    'when the parent is killed outright while the child runs %s',
    async (command) => {
      const parent = await start(command, 'stay');
      expect(parent.children.every(isAlive)).toBe(true);
      parent.process.kill('SIGKILL');
      await expectGone(parent.children);
    },
  );

  test('when the parent is killed outright with a pool of readers', async () => {
    const parent = await start('hang-busy', 'readers');
    expect(parent.children).toHaveLength(4);
    parent.process.kill('SIGKILL');
    await expectGone(parent.children);
  });

  test('when the parent is killed outright with a replacement child', async () => {
    const parent = await start('idle', 'replaced');
    expect(parent.children).toHaveLength(2);
    expect(parent.children.every(isAlive)).toBe(true);
    parent.process.kill('SIGKILL');
    await expectGone(parent.children);
  });

  test.each([
    { ending: 'exit', how: 3 },
    { ending: 'throw', how: 1 },
  ])('when the parent ends by $ending while a child hangs', async ({ ending, how }) => {
    const parent = await start('hang-native', ending);
    expect((await parent.ended).how).toBe(how);
    await expectGone(parent.children);
  });

  test('when the parent receives SIGTERM', async () => {
    const parent = await start('hang-busy', 'stay');
    parent.process.kill('SIGTERM');
    expect((await parent.ended).how).toBe('SIGTERM');
    await expectGone(parent.children);
  });
});

describe('a driver blocked by a server that never answers', () => {
  let server: Server;
  let url: string;
  const sockets = new Set<Socket>();
  beforeEach(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test.each([
    { ending: 'stay', kill: true },
    { ending: 'exit', kill: false },
  ])('ends with its parent ($ending)', async ({ ending, kill }) => {
    const parent = await start('select', ending, url);
    expect(sockets.size).toBeGreaterThan(0); // the child is waiting inside the driver
    if (kill) parent.process.kill('SIGKILL');
    await parent.ended;
    await expectGone(parent.children);
  });
});

describe('a parent with nothing left to do', () => {
  test('ends even if the backend was not closed', async () => {
    const parent = await start('idle', 'end');
    expect(await parent.ended).toEqual({ how: 0, printed: [] });
    await expectGone(parent.children);
  });

  test.each(['close', 'reopen'])('stays alive until the backend is closed (%s)', async (ending) => {
    const parent = await start('idle', ending);
    expect(await parent.ended).toEqual({ how: 0, printed: ['closed'] });
    await expectGone(parent.children);
  });

  test('stays alive during a call', async () => {
    const parent = await start('sleep=800', 'end');
    expect(await parent.ended).toEqual({ how: 0, printed: ['answered sleep=800'] });
    await expectGone(parent.children);
  });
});

test('a child ignores signals meant for the whole group until it is closed', async () => {
  const { read } = await openTrick();
  const pid = await read('before');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
  expect(await read('sleep=50')).toBe(pid);
});

test.skipIf(process.platform !== 'linux')(
  'the child and the launcher start outside the process group that Ctrl-C reaches',
  async () => {
    const { backend, read } = await openTrick({ launcherDelayMs: 0 });
    const pids = [await read('before')];
    await until(() => backend.processes.launcher !== null);
    pids.push(backend.processes.launcher as number);
    process.kill(pids[0] as number, 'SIGKILL');
    pids.push(await read('from the launcher'));
    const own = groupOf(process.pid);
    // The first child has ended; its replacement was started by the launcher.
    for (const pid of pids.slice(1)) expect(groupOf(pid)).not.toBe(own);
    expect(new Set(pids.slice(1).map(groupOf)).size).toBe(2);
  },
);

/** Returns the process group of a running process. */
function groupOf(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  return Number(rest.split(' ')[2]);
}
