import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tempFile } from './temp.js';

const folder = join(import.meta.dirname, '../../../../../shared/fixtures');

/** True if the stores and rankings of the application are next to the repository. */
export const haveFixtures = existsSync(folder);

/** Suffix of titles of skipped tests; empty if {@link haveFixtures} is true. */
export const fixturesNote = haveFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';

/** Unpacks a store into a temporary folder. */
export function unpack(name: string): string {
  const path = tempFile();
  writeFileSync(path, gunzipSync(readFileSync(join(folder, 'legacy', `${name}.db.gz`))));
  return path;
}

/** Unpacks the untidy store with the log that a killed process left. */
export function unpackUntidy(): string {
  const path = tempFile();
  const tar = gunzipSync(readFileSync(join(folder, 'legacy', 'level-14-untidy.tar.gz')));
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    const base = name.split('/').at(-1) ?? '';
    if (base.startsWith('documents.db')) {
      writeFileSync(join(dirname(path), base), tar.subarray(at + 512, at + 512 + size));
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return path;
}

/** One search of the application and what it found. */
export interface GoldenSearch {
  readonly library: string;
  readonly version: string;
  readonly text: string;
  readonly limit: number;
  readonly vector: string | null;
  readonly hits: readonly {
    readonly id: number;
    readonly score: number;
    readonly vecRank: number | null;
    readonly ftsRank: number | null;
  }[];
}

/** The searches of a golden file. */
export function goldenSearches(name: string): readonly GoldenSearch[] {
  return JSON.parse(readFileSync(join(folder, 'golden', `${name}.json`), 'utf8')) as GoldenSearch[];
}

/** The vector of a golden search. */
export function vectorOf({ vector }: GoldenSearch): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(vector ?? '', 'base64'));
  return new Float32Array(bytes.buffer);
}
