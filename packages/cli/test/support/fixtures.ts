import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const fixtures = join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'fixtures');

/** True if stores written by the current application are available. */
export const hasFixtures = existsSync(fixtures);

/** One search and what the application of today answered. */
export interface GoldenSearch {
  readonly library: string;
  readonly version: string;
  readonly text: string;
  readonly limit: number;
  readonly vector?: string | null;
  readonly hits: readonly {
    readonly id: number;
    readonly url: string;
    readonly score: number;
    readonly vecRank: number | null;
    readonly ftsRank: number | null;
  }[];
}

/** Unpacks a legacy store into a folder and gives its path. */
export function unpack(name: string, folder: string): string {
  const path = join(folder, `${name}.db`);
  writeFileSync(path, gunzipSync(readFileSync(join(fixtures, 'legacy', `${name}.db.gz`))));
  return path;
}

/** Unpacks the store that was left with faults and a log that was not written back. */
export function unpackUntidy(folder: string): string {
  const own = join(folder, 'level-14-untidy');
  mkdirSync(own);
  execFileSync('tar', ['-xzf', join(fixtures, 'legacy', 'level-14-untidy.tar.gz'), '-C', own]);
  const database = readdirSync(own, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('.db'),
  );
  return join(own, database ?? 'documents.db');
}

/** The golden searches of a store. */
export function golden(name: string): GoldenSearch[] {
  return JSON.parse(readFileSync(join(fixtures, 'golden', `${name}.json`), 'utf8')) as GoldenSearch[];
}

/** The same as a file of queries. */
export function asQueries(searches: readonly GoldenSearch[]): string {
  return searches.map(({ hits: _hits, ...query }) => `${JSON.stringify(query)}\n`).join('');
}
