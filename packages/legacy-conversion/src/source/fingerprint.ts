import { type BigIntStats, statSync } from 'node:fs';

/** What tells whether a database file was written: sizes and times of the file and of its log. */
export type Fingerprint = string;

/**
 * The present fingerprint of a database. Every commit changes it, since it writes to the file or to the log; reading
 * never does.
 */
export function fingerprintOf(file: string): Fingerprint {
  return [file, `${file}-wal`, `${file}-journal`].map((path) => describe(stat(path))).join(' ');
}

function stat(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

/** A log without content is as good as none: opening a database may create one. */
function describe(stats: BigIntStats | undefined): string {
  if (stats === undefined || stats.size === 0n) return '-';
  return `${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}
