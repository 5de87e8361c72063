import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Behavior, startProxy, startSqld } from '@switchyard/sqld';
import type { InterruptibleStore } from '@switchyard/storage-conformance';
import { runConformance } from '@switchyard/storage-conformance/suite';
import { IsolatedBackend } from '@switchyard/storage-isolation';
import { expect, it } from 'vitest';
import { connect } from './support/connect.js';
import { describeWithSqld } from './support/sqld.js';

/** More of them in a long run: `SWITCHYARD_INTERRUPTIONS=500`. */
const ROUNDS = Number(process.env.SWITCHYARD_INTERRUPTIONS ?? 6);

const faults: readonly Behavior[] = [
  { kind: 'drop' },
  { kind: 'cut', afterBytes: 0 },
  { kind: 'cut', afterBytes: 150 },
  { kind: 'respond', status: 502 },
  { kind: 'blackhole', deliver: true },
  { kind: 'blackhole' },
];

type Interruptions = NonNullable<Parameters<typeof runConformance>[0]['interruptions']>;

/** The server is killed in the middle, and started again. */
async function killedServer(
  toConnection: (url: string, folder: string) => string,
): Promise<InterruptibleStore> {
  const server = await startSqld();
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-outcomes-'));
  return {
    backend: connect(toConnection(server.url, folder)),
    interrupt: () => server.kill(),
    restore: () => server.restart(),
    cleanup: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The network fails in the middle: requests or answers are lost, or connections are refused. */
async function failingNetwork(
  toConnection: (url: string, folder: string) => string,
): Promise<InterruptibleStore> {
  const server = await startSqld();
  const proxy = await startProxy(server.url);
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-outcomes-'));
  return {
    backend: connect(toConnection(proxy.url, folder)),
    interrupt: async (chance) => {
      const fault = faults[Math.floor(chance * (faults.length + 1))];
      if (fault === undefined) await proxy.refuse();
      else proxy.behave(fault);
    },
    restore: async () => {
      await proxy.listen();
      proxy.behave({ kind: 'forward' });
      proxy.disconnect();
    },
    cleanup: async () => {
      await proxy.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The child process of a local store is killed in the middle. */
function killedChild(): InterruptibleStore {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-outcomes-'));
  const backend = connect(`${join(folder, 'store.db')}?isolation=process`);
  return {
    backend,
    interrupt: () => {
      const pid = backend instanceof IsolatedBackend ? backend.processes.writer : null;
      if (pid !== null) process.kill(pid, 'SIGKILL');
    },
    restore: () => undefined,
    cleanup: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs only the contract tests of the outcome: the others run elsewhere. */
function outcomesAreTrue(interruptions: Interruptions): void {
  it.each(Object.keys(interruptions))(
    '%s: what errors say of the outcome is true',
    async (name) => {
      const options = {
        name,
        create: killedChild,
        interruptions,
        runs: ROUNDS,
        timeoutMs: 60_000 + ROUNDS * 20_000,
      };
      const [result] = await runConformance(options, ({ id }) => id === `outcomes/${name}`);
      expect(result?.outcome).toEqual({ state: 'passed' });
    },
    60_000 + ROUNDS * 20_000,
  );
}

outcomesAreTrue({ 'child-killed': killedChild });

const server = (url: string) => url;
const replica = (url: string, folder: string) => `file:${join(folder, 'replica.db')}?syncUrl=${url}`;

describeWithSqld('a server, or the network before it, fails in the middle of writes', () => {
  outcomesAreTrue({
    'server-killed': () => killedServer(server),
    'server-of-replica-killed': () => killedServer(replica),
    'network-failing': () => failingNetwork(server),
    'network-of-replica-failing': () => failingNetwork(replica),
  });

  it('a server that was never reached has not applied a write', async () => {
    const server = await startSqld();
    const proxy = await startProxy(server.url);
    const store = connect(proxy.url);
    await store.open();
    await proxy.refuse();
    const write = { kind: 'resolveVersion', library: 'pino', version: '9.0.0' } as const;
    await expect(store.apply([write])).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      outcome: 'not-applied',
    });
    await store.close();
    await proxy.stop();
    const reader = connect(server.url);
    await reader.open();
    expect(await reader.catalog.version({ library: 'pino', version: '9.0.0' })).toBeNull();
    await reader.close();
    await server.stop();
  });
});
