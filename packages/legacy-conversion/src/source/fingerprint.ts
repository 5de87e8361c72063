import { type BigIntStats, statSync } from 'node:fs';

/** Sizes and times of a database file and its WAL, which tell whether it was written. */
export type Fingerprint = string;

/**
 * Returns the current fingerprint of a database. Every commit changes it, since it writes to the file or to the WAL;
 * reading never does.
 */
export function fingerprintOf(file: string): Fingerprint {
  return [file, `${file}-wal`, `${file}-journal`].map((path) => describe(stat(path))).join(' ');
}

function stat(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

/** An empty WAL is treated as missing, since opening a database may create one. */
function describe(stats: BigIntStats | undefined): string {
  if (stats === undefined || stats.size === 0n) return '-';
  return `${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}
