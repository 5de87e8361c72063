import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { deadlineIn, type Location } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { type IsolatedBackend, isolate } from '@switchyard/storage-isolation';
import { afterEach, expect, test } from 'vitest';
import { rejection } from './support/trick.js';

const module = new URL('./fixtures/driver.mjs', import.meta.url);
const { driver } = (await import(module.href)) as { driver: BackendDefinition };

let backend: IsolatedBackend;
afterEach(() => backend.close());

async function open(location: Location): Promise<void> {
  backend = isolate({
    definition: driver,
    reference: { module, exportName: 'driver' },
    connection: { backend: 'driver', location, authToken: null, options: {}, redacted: '' },
    options: { onStderr: () => undefined, backoffBaseMs: 1, graceMs: 50 },
  });
  await backend.open();
}

test('the real driver aborting on a bad parameter takes down its child, not the application', async () => {
  await open({ type: 'file', path: ':memory:' });
  const pid = (await backend.catalog.library({ library: 'fine' }))?.id;
  const error = await rejection(backend.catalog.library({ library: 'buffer' }));
  expect(error).toMatchObject({ code: 'STORAGE_CRASHED', retryable: false, details: { attempts: 3 } });
  expect((await backend.catalog.library({ library: 'fine' }))?.id).not.toBe(pid);
});

test('the real driver blocked by a server that never answers is killed at the deadline', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    await open({ type: 'server', url: `http://127.0.0.1:${port}` });
    for (let i = 0; i < 2; i++) {
      const call = backend.catalog.library({ library: 'select' }, { deadline: deadlineIn(1_000) });
      expect(await rejection(call)).toMatchObject({ code: 'STORAGE_TIMEOUT' });
    }
    expect(sockets.length).toBeGreaterThan(0);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
