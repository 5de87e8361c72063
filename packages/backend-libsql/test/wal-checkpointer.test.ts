import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { finished, startChild } from './support/child.js';
import { chunk, fastify, openStore, page } from './support/store.js';
import { tempFile } from './support/temp.js';

const DIMENSION = 768;
const FRAME_BYTES = 4096 + 24;
/** Number of frames at which SQLite makes the writer checkpoint the WAL. */
const LIMIT_BYTES = 4000 * FRAME_BYTES;

/** A page of seven chunks: some thirty pages of the file. */
function pageOf(number: number) {
  const chunks = Array.from({ length: 7 }, (_, index) =>
    chunk(`zebra ${number} ${index} ${'words of a page '.repeat(20)}`, {
      vector: new Float32Array(DIMENSION).fill(1 + number + index / 10),
    }),
  );
  return page(`/page/${number}`, chunks);
}

/** Number of restarts of a WAL: https://www.sqlite.org/fileformat2.html#walformat */
function timesBegun(log: string): number {
  const header = Buffer.alloc(32);
  const file = openSync(log, 'r');
  readSync(file, header, 0, 32, 0);
  closeSync(file);
  return header.readUInt32BE(12);
}

describe('the WAL of a file that is written page by page', () => {
  it('is checkpointed in the background, before the writer has to do it', async () => {
    const file = tempFile();
    const log = `${file}-wal`;
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'a:b', dimension: DIMENSION }, 'refuse');
    let written = 0;
    for (; statSync(log).size < 0.7 * LIMIT_BYTES; written++) await store.apply([pageOf(written)]);

    const before = timesBegun(log);
    while (timesBegun(log) === before && statSync(log).size < LIMIT_BYTES) {
      await setTimeout(100);
      await store.apply([pageOf(written++)]);
    }
    expect(timesBegun(log)).toBe(before + 1);
    // A WAL is not truncated when it restarts, so its length is its maximum so far.
    expect(statSync(log).size).toBeLessThan(LIMIT_BYTES);

    expect(await store.catalog.pages(fastify)).toHaveLength(written);
    expect((await store.vectors.audit()).problems).toEqual([]);
    await store.close();
    expect(statSync(log, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  });

  it('is complete after a process ended in the middle of it', async () => {
    const file = tempFile();
    const { code, output } = await finished(startChild('exit-while-writing.mjs', [file]));
    expect([code, output]).toEqual([7, expect.stringMatching(/^\d+$/)]);
    const store = await openStore(file);
    expect(await store.catalog.pages({ library: 'exit', version: '' })).toHaveLength(Number(output));
    expect((await store.vectors.audit()).problems).toEqual([]);
    expect((await store.fts.audit()).problems).toEqual([]);
  });

  it('is checkpointed before a store closes that is closed immediately', async () => {
    const file = tempFile();
    const store = await openStore(file);
    await store.vectors.reconcile({ model: 'a:b', dimension: DIMENSION }, 'refuse');
    let written = 0;
    for (; statSync(`${file}-wal`).size < 0.65 * LIMIT_BYTES; written++) await store.apply([pageOf(written)]);
    await store.close();
    expect(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    expect(await (await openStore(file)).catalog.pages(fastify)).toHaveLength(written);
  });
});
