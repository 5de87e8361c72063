import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Kind, random, soundStore, useInChild } from './support/damaged-stores.js';
import { temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const SEED = 2026;

/** Allowed outcomes of using a damaged store. */
const TYPED = new Set([
  'ok',
  'STORAGE_CORRUPT',
  'STORAGE_SCHEMA_UNSUPPORTED',
  'STORAGE_SCHEMA_TOO_NEW',
  'STORAGE_NOT_FOUND',
]);

/** Flipped bits, missing ends, exchanged pages and noise, by turns. */
function damaged(sound: Buffer, number: number, next: (bound: number) => number): Buffer {
  const bytes = Buffer.from(sound);
  const size = bytes.readUInt16BE(16);
  const pages = bytes.length / size;
  switch (number % 4) {
    case 0:
      for (let i = 0; i < 4; i++) {
        const at = 100 + next(bytes.length - 100);
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << next(8)), at);
      }
      return bytes;
    case 1:
      return bytes.subarray(0, 1 + next(bytes.length - 1));
    case 2: {
      const [a, b] = [1 + next(pages - 1), 1 + next(pages - 1)];
      sound.copy(bytes, a * size, b * size, (b + 1) * size);
      sound.copy(bytes, b * size, a * size, (a + 1) * size);
      return bytes;
    }
    default: {
      const page = next(pages);
      for (let i = 0; i < 20; i++) bytes.writeUInt8(next(256), page * size + next(size));
      return bytes;
    }
  }
}

const kinds: readonly Kind[] = [
  'libsql',
  'legacy', // @legacy
];

it.each(kinds)('damaged %s files end in typed errors, and never in the end of the process', async (kind) => {
  const sound = await soundStore(kind, folder);
  const next = random(SEED);
  const stores = Array.from({ length: 40 }, (_, number) => {
    const file = join(folder, `${kind}-${number}.db`);
    writeFileSync(file, damaged(sound, number, next));
    return { file, kind, convert: false };
  });
  const uses = await useInChild(stores);
  expect(new Set(uses.map(({ file }) => file)).size).toBe(stores.length);
  expect(uses.filter(({ code }) => !TYPED.has(code))).toEqual([]);
  expect(uses.some(({ code }) => code === 'STORAGE_CORRUPT')).toBe(true);
});
