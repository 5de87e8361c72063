import { readFileSync } from 'node:fs';
import type { SearchMode } from '@switchyard/storage-core';
import { openVectorFile, type VectorFileName } from '../contenders/vector-files.js';

/** Task of the process. */
export interface MemoryTask {
  readonly name: VectorFileName;
  readonly place: string;
  /** Search mode. Default `exact`. */
  readonly mode?: SearchMode | undefined;
  /** File with query vectors, one after the other. */
  readonly queryFile: string;
  readonly dim: number;
  readonly k: number;
}

/** Growth of the process, in MB. */
export interface MemoryReport {
  /** Anonymous memory; total resident memory where the system does not distinguish them. */
  readonly ownMb: number;
  /** Pages of mapped files. */
  readonly mappedMb: number;
}

/** Measures resident memory after a garbage collection. */
function resident(): MemoryReport {
  (globalThis as { gc?: () => void }).gc?.();
  if (process.platform !== 'linux') return { ownMb: process.memoryUsage().rss / 2 ** 20, mappedMb: 0 };
  const status = readFileSync('/proc/self/status', 'utf8');
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { ownMb: megabytes('RssAnon'), mappedMb: megabytes('RssFile') };
}

const { name, place, mode, queryFile, dim, k } = JSON.parse(process.argv[2] as string) as MemoryTask;
const queries = new Float32Array(Uint8Array.from(readFileSync(queryFile)).buffer);
const before = resident();
const index = await openVectorFile(name, place, mode);
for (let start = 0; start < queries.length; start += dim)
  await index.search(queries.slice(start, start + dim), k);
const after = resident();
await index.close();
const report: MemoryReport = {
  ownMb: Math.max(0.1, after.ownMb - before.ownMb),
  mappedMb: Math.max(0, after.mappedMb - before.mappedMb),
};
process.send?.(report, () => process.exit(0));
