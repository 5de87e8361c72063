import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import postgresBackend from '@switchyard/example-backend-postgres';
import { isStorageError, parseConnectionString, type StorageError } from '@switchyard/storage-core';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-postgres-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function backendOf(text: string, mustExist = false) {
  const connection = parseConnectionString(text, { backends: [postgresBackend] });
  return postgresBackend.create(connection, { mustExist });
}

async function errorOf(work: () => Promise<unknown>): Promise<StorageError> {
  const error = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isStorageError(error)) throw new Error('Expected a StorageError.', { cause: error });
  return error;
}

/** Starts a server that answers a connection as told. */
async function listen(answer: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `postgres://me:hush%2Fhush@127.0.0.1:${port}/docs`, close: () => server.close() };
}

describe('connection strings', () => {
  it.each([
    'postgres://me:secret@db.example.org/docs',
    'postgresql://me:secret@db.example.org:6543/docs?schema=a',
  ])('accepts %s and hides its password', (text) => {
    const connection = parseConnectionString(text, { backends: [postgresBackend] });
    expect(connection).toMatchObject({ backend: 'postgres', credentials: { user: 'me' } });
    expect(JSON.stringify(connection)).not.toContain('secret');
  });

  it('refuses a name of a schema that PostgreSQL would cut', () => {
    expect(() => backendOf(`pglite::memory:?schema=${'x'.repeat(64)}`)).toThrow('63 bytes');
  });
});

describe('opening', () => {
  it('reports a server that refuses connections', async () => {
    const { url, close } = await listen((socket) => socket.destroy());
    const error = await errorOf(() => backendOf(url).open());
    close();
    expect(error).toMatchObject({ code: 'STORAGE_UNREACHABLE', retryable: true, backend: 'postgres' });
  });

  it('reports a rejected password without repeating it', async () => {
    // An error message of the protocol: severity, SQLSTATE and text.
    const fields = 'SFATAL\0C28P01\0Mpassword authentication failed, hush/hush\0\0';
    const length = Buffer.alloc(4);
    length.writeInt32BE(fields.length + 4);
    const reply = Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)]);
    const { url, close } = await listen((socket) => socket.once('data', () => socket.end(reply)));
    const error = await errorOf(() => backendOf(url).open());
    close();
    expect(error.code).toBe('STORAGE_UNAUTHORIZED');
    expect(JSON.stringify([error, String(error.cause)])).not.toContain('hush');
  });

  it('gives up at the deadline if the server does not answer', async () => {
    const { url, close } = await listen((socket) => socket.pause());
    const backend = backendOf(url);
    const error = await errorOf(() => backend.open({ deadline: Date.now() + 50 }));
    close();
    expect(error.code).toBe('STORAGE_TIMEOUT');
  });

  it('refuses a store that must exist', async () => {
    const error = await errorOf(() => backendOf(`pglite:${join(folder, 'absent')}`, true).open());
    expect(error.code).toBe('STORAGE_NOT_FOUND');
  });

  it.each([
    ['another process', `${hostname()} ${process.ppid} x`],
    ['a process of another machine', `another-host ${process.pid} x`],
    ['a process that is not known', ''],
  ])('refuses a folder that %s uses', async (_, claim) => {
    const path = join(folder, 'used');
    writeFileSync(`${path}.lock`, claim);
    const backend = backendOf(`pglite:${path}`);
    await backend.open();
    const error = await errorOf(() => backend.migrator.migrate());
    await backend.close();
    expect(error).toMatchObject({ code: 'STORAGE_BUSY', outcome: 'not-applied' });
    expect(readFileSync(`${path}.lock`, 'utf8')).toBe(claim);
  });

  it('takes over the folder of a process that was killed, and is the same database by any link', async () => {
    const path = join(folder, 'left');
    // A process that has ended, and an earlier one with the id of this process.
    const { pid } = spawnSync(process.execPath, ['--version']);
    for (const owner of [pid, process.pid]) {
      writeFileSync(`${path}.lock`, `${hostname()} ${owner} x`);
      const backend = backendOf(`pglite:${path}`);
      await backend.open();
      await backend.migrator.migrate();
      symlinkSync(path, `${path}-link-${owner}`);
      const same = backendOf(`pglite:${path}-link-${owner}`);
      await same.open();
      expect(await same.inspect()).toMatchObject({ schemaLevel: 1 });
      await same.close();
      await backend.close();
      expect(existsSync(`${path}.lock`)).toBe(false);
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('left.'))).toEqual([]);
  });
});
