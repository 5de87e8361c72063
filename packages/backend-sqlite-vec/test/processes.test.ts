import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ChunkInput, Mutation } from '@switchyard/storage-core';
import { expect, onTestFinished, test } from 'vitest';
import { openAsApplication } from './support/application.js';
import { openOn, tempFile } from './support/temp.js';

const version = { library: 'lib', version: '1' };
const page = { url: 'https://page' };

function chunks(count: number, value: number): ChunkInput[] {
  return Array.from({ length: count }, () => ({
    content: `value ${value}`,
    metadata: { types: ['text'], level: 0, path: [] },
    vector: new Float32Array(64).fill(value),
  }));
}

function replace(count: number, value: number): Mutation {
  return { kind: 'replacePage', version, page, chunks: chunks(count, value) };
}

async function startWriter(path: string): Promise<ChildProcess> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/writer.mjs'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    writer.kill('SIGKILL');
  });
  if (writer.stdout !== null) await once(writer.stdout, 'data');
  return writer;
}

test('a process killed during a write leaves a complete page', async () => {
  const path = tempFile();
  const first = await openOn(path);
  await first.vectors.reconcile({ model: 'm', dimension: 64 }, 'refuse');
  for (let attempt = 0; attempt < 5; attempt++) {
    const writer = await startWriter(path);
    // The kill comes during the write after one of the first rounds.
    for (let seen = 0; seen < attempt; seen++) await once(writer.stdout as NodeJS.ReadableStream, 'data');
    const exit = once(writer, 'exit');
    writer.kill('SIGKILL');
    await exit;

    const backend = await openOn(path);
    const [snapshot] = await backend.catalog.snapshot({ version, limit: 10 });
    const round = Number(snapshot?.page.title?.replace('Round ', ''));
    expect(round).toBeGreaterThanOrEqual(3);
    expect(snapshot?.chunks).toHaveLength(40);
    for (const chunk of snapshot?.chunks ?? []) {
      expect(chunk.content.startsWith(`round${round} `)).toBe(true);
      expect(chunk.vector).toEqual(new Float32Array(64).fill(round));
    }
    expect((await backend.vectors.audit()).problems).toEqual([]);
    expect((await backend.fts.audit()).problems).toEqual([]);
  }
});

test('a reader sees complete pages while another process writes, and its own writes succeed', async () => {
  const path = tempFile();
  const backend = await openOn(path);
  await backend.vectors.reconcile({ model: 'm', dimension: 64 }, 'refuse');
  const writer = await startWriter(path);
  const seen = new Set<number>();
  for (let read = 0; read < 60; read++) {
    const hits = await backend.vectors.nearest({ version, vector: new Float32Array(64), limit: 100 });
    expect(hits).toHaveLength(40);
    expect(new Set(hits.map(({ distance }) => distance)).size).toBe(1);
    seen.add(hits[0]?.distance ?? 0);
    if (read % 20 === 0) {
      const [result] = await backend.apply([
        { kind: 'resolveVersion', library: `other ${read}`, version: '' },
      ]);
      expect(result.created).toBe(true);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(seen.size).toBeGreaterThan(1);
  const exit = once(writer, 'exit');
  writer.kill('SIGKILL');
  await exit;
});

test('a store that is locked for longer than the busy timeout is busy, and usable afterwards', async () => {
  const path = tempFile();
  const backend = await openOn(path, { busyTimeoutMs: 20 });
  await backend.vectors.reconcile({ model: 'm', dimension: 64 }, 'refuse');
  const application = openAsApplication(path);
  application.exec('BEGIN IMMEDIATE');
  await expect(backend.apply([replace(2, 1)])).rejects.toMatchObject({
    code: 'STORAGE_BUSY',
    retryable: true,
    outcome: 'not-applied',
    backend: 'sqlite-vec',
  });
  expect(await backend.catalog.pages(version)).toEqual([]);
  application.exec('ROLLBACK');
  await backend.apply([replace(2, 1)]);
  expect(await backend.catalog.pages(version)).toHaveLength(1);
});

test('a connection notices that another one changed the dimension of the store', async () => {
  const path = tempFile();
  const [one, other] = [await openOn(path), await openOn(path)];
  await one.vectors.reconcile({ model: 'm', dimension: 64 }, 'refuse');
  await one.apply([replace(3, 1)]);
  const query = new Float32Array(64);
  expect(await other.vectors.nearest({ version, vector: query, limit: 5 })).toHaveLength(3);
  await other.vectors.reconcile({ model: 'n', dimension: 2 }, 'reset');
  await expect(one.vectors.nearest({ version, vector: query, limit: 5 })).rejects.toMatchObject({
    code: 'STORAGE_DIMENSION_MISMATCH',
  });
  await expect(one.apply([replace(3, 1)])).rejects.toMatchObject({ code: 'STORAGE_DIMENSION_MISMATCH' });
  expect(await one.vectors.nearest({ version, vector: new Float32Array(2), limit: 5 })).toEqual([]);
});
