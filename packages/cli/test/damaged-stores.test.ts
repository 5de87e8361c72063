import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec';
import { parseConnectionString, type ReplacePage } from '@switchyard/storage-core';
import { expect, it } from 'vitest';
import { temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const SEED = 2026;

/** What using a damaged store may end in. */
const TYPED = new Set([
  'ok',
  'STORAGE_CORRUPT',
  'STORAGE_SCHEMA_UNSUPPORTED',
  'STORAGE_SCHEMA_TOO_NEW',
  'STORAGE_NOT_FOUND',
]);

type Kind = 'legacy' | 'libsql';

async function soundStore(kind: Kind): Promise<Buffer> {
  const file = join(folder, `sound-${kind}.db`);
  const definition = kind === 'legacy' ? sqliteVecBackend : libsqlBackend;
  const connection = kind === 'legacy' ? `sqlite-vec:${file}` : `file:${file}`;
  const store = definition.create(parseConnectionString(connection, { backends: [definition] }));
  await store.open();
  await store.vectors.reconcile({ model: 'a:b', dimension: 8, metric: 'l2' }, 'refuse');
  const pages = Array.from(
    { length: 12 },
    (_, p): ReplacePage => ({
      kind: 'replacePage',
      version: { library: p % 2 === 0 ? 'alpha' : 'beta', version: '1.0.0' },
      page: { url: `http://x/${p}`, title: `Title ${p}` },
      chunks: Array.from({ length: 3 }, (__, i) => ({
        content: `the client request number ${p} ${i} `.repeat(5),
        metadata: { types: ['text'], level: 1, path: ['Guide', `Part ${i}`] },
        vector: Float32Array.from({ length: 8 }, (___, k) => Math.sin(p * 3 + i + k)),
      })),
    }),
  );
  for (const page of pages) await store.apply([page]);
  await store.close();
  return readFileSync(file);
}

/** Numbers from 0 up to a bound, the same in every run. */
function random(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

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

interface Use {
  readonly file: string;
  readonly use: string;
  readonly code: string;
  readonly message: string;
}

/** Uses stores in a child process, which must come to its end. */
async function useInChild(stores: readonly { readonly file: string; readonly kind: Kind }[]): Promise<Use[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'support', 'use-damaged.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => printed.push(data));
  const exited = once(child, 'close');
  child.stdin.end(stores.map((store) => `${JSON.stringify({ ...store, convert: false })}\n`).join(''));
  const [code] = await exited;
  const lines = Buffer.concat(printed).toString().trim().split('\n');
  expect([code, lines.at(-1)]).toEqual([0, lines.at(-1)]);
  return lines.map((line) => JSON.parse(line) as Use);
}

it.each(['legacy', 'libsql'] as const)(
  'damaged %s files end in typed errors, and never in the end of the process',
  async (kind) => {
    const sound = await soundStore(kind);
    const next = random(SEED);
    const stores = Array.from({ length: 40 }, (_, number) => {
      const file = join(folder, `${kind}-${number}.db`);
      writeFileSync(file, damaged(sound, number, next));
      return { file, kind };
    });
    const uses = await useInChild(stores);
    expect(new Set(uses.map(({ file }) => file)).size).toBe(stores.length);
    expect(uses.filter(({ code }) => !TYPED.has(code))).toEqual([]);
    expect(uses.some(({ code }) => code === 'STORAGE_CORRUPT')).toBe(true);
  },
);
