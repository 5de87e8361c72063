import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = join(import.meta.dirname, '../../../shared/fixtures');

/** Whether the stores and rankings of the legacy application are beside the repository. */
export const haveFixtures: boolean = existsSync(folder);

/** Reason for a title if {@link haveFixtures} is false; else empty. */
export const fixturesNote: string = haveFixtures ? '' : ' (skipped: ../shared/fixtures is missing)';

/** A search of the legacy application and its hits. */
export interface GoldenSearch {
  readonly library: string;
  readonly version: string;
  readonly text: string;
  readonly limit: number;
  /** Bytes of the float32 vector in base64; null for a search by full text alone. */
  readonly vector: string | null;
  readonly hits: readonly {
    readonly id: number;
    readonly url: string;
    readonly score: number;
    readonly vecRank: number | null;
    readonly ftsRank: number | null;
  }[];
}

/** Reads a golden file, such as `level-14-three-libraries.hybrid.json`. */
export function goldenSearches(name: string): readonly GoldenSearch[] {
  return JSON.parse(readFileSync(join(folder, 'golden', name), 'utf8')) as GoldenSearch[];
}

/** Returns the vector of a golden search; null if it has none. */
export function vectorOf({ vector }: GoldenSearch): Float32Array | null {
  if (vector === null) return null;
  return new Float32Array(Uint8Array.from(Buffer.from(vector, 'base64')).buffer);
}

/** Unpacks a legacy store, such as `level-14-three-libraries`, to a path. */
export function unpackLegacyStore(name: string, path: string): string {
  writeFileSync(path, gunzipSync(readFileSync(join(folder, 'legacy', `${name}.db.gz`))));
  return path;
}

/** Unpacks the untidy legacy store to a path that ends in `documents.db`, with the WAL that a killed process left. */
export function unpackUntidyStore(path: string): string {
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
