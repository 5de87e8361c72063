import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { HybridFiles } from '../contenders/hybrid-stores.js';
import { compare, type Measurement } from '../harness/measurement.js';

const PARTS = `
  SELECT
    CASE
      WHEN name LIKE '%\\_fts%' ESCAPE '\\' THEN 'full text'
      WHEN name LIKE '%code%' THEN 'codes'
      WHEN name LIKE '%vec%' OR name LIKE '%embedding%' THEN 'vectors'
      WHEN name LIKE '%documents%' OR name LIKE '%chunks%' THEN 'chunks'
      ELSE 'other'
    END AS part,
    sum(pgsize) AS bytes
  FROM dbstat
  GROUP BY part
  ORDER BY bytes DESC
`;

/** Bytes per chunk of closed stores, by component. */
export function measureSizes(
  files: HybridFiles,
  { dim, versions }: { dim: number; versions: number },
): Measurement[] {
  const sizes = Object.entries(files).map(([contender, file]) => ({ contender, ...sizeOf(file) }));
  const chunks = sizes[0]?.chunks ?? 0;
  const observations = sizes.map(({ contender, bytes, parts, chunks: own }) => ({
    contender,
    samples: [bytes / own],
    recall: null,
    extra: { versions, note: parts.map(([part, size]) => `${part} ${Math.round(size / own)}`).join(', ') },
  }));
  return compare({ scenario: 'size', n: chunks, dim, k: null, unit: 'bytes/chunk' }, 'app-sql', observations);
}

/** Reads a closed file with better-sqlite3, which counts the pages of ordinary tables of either engine. */
export function sizeOf(file: string) {
  const database = new Database(file, { readonly: true });
  try {
    const table = database
      .prepare<[], { name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('documents', 'chunks')",
      )
      .get();
    if (table === undefined) throw new Error(`${file} has no table of chunks.`);
    const { chunks } = database.prepare(`SELECT count(*) AS chunks FROM ${table.name}`).get() as {
      chunks: number;
    };
    const parts = database.prepare<[], { part: string; bytes: number }>(PARTS).all();
    return {
      chunks,
      bytes: statSync(file).size,
      parts: parts.map(({ part, bytes }) => [part, bytes] as const),
    };
  } finally {
    database.close();
  }
}
