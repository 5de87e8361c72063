import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import { parseConnectionString, type ReplacePage } from '@switchyard/storage-core';
import { expect } from 'vitest';

const kinds = {
  libsql: { prefix: 'file:', definition: libsqlBackend },
  legacy: { prefix: 'sqlite-vec:', definition: sqliteVecBackend }, // @legacy
};

/** Backend that wrote a store. */
export type Kind = keyof typeof kinds;

/** The bytes of a small store in good order. */
export async function soundStore(kind: Kind, folder: string): Promise<Buffer> {
  const file = join(folder, `sound-${kind}.db`);
  const { prefix, definition } = kinds[kind];
  const store = definition.create(parseConnectionString(`${prefix}${file}`, { backends: [definition] }));
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
export function random(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Outcome of one use of a store. */
export interface Use {
  readonly file: string;
  readonly use: string;
  readonly code: string;
  readonly message: string;
}

/** Uses stores in a child process, which must exit. */
export async function useInChild(
  stores: readonly { readonly file: string; readonly kind: Kind; readonly convert: boolean }[],
): Promise<Use[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'use-damaged.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => printed.push(data));
  const exited = once(child, 'close');
  child.stdin.end(stores.map((store) => `${JSON.stringify(store)}\n`).join(''));
  const [code] = await exited;
  const lines = Buffer.concat(printed).toString().trim().split('\n');
  expect([code, lines.at(-1)]).toEqual([0, lines.at(-1)]);
  return lines.map((line) => JSON.parse(line) as Use);
}
