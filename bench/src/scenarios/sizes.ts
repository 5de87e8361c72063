import { statSync } from 'node:fs';
import Database from 'libsql';
import type { HybridFiles } from '../contenders/hybrid-stores.js';
import { compare, type Measurement } from '../harness/measurement.js';
import { REFERENCES } from '../harness/references.js';

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
  const about = { scenario: 'size', n: chunks, dim, k: null, unit: 'bytes/chunk' } as const;
  return compare(about, REFERENCES.writes, observations);
}

/** Reads a closed file, and counts the pages of its tables, whatever wrote them. */
export function sizeOf(file: string) {
  const database = new Database(file);
  try {
    const [table] = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('documents', 'chunks')")
      .all() as { name: string }[];
    if (table === undefined) throw new Error(`${file} has no table of chunks.`);
    const [counted] = database.prepare(`SELECT count(*) AS chunks FROM ${table.name}`).all() as {
      chunks: number;
    }[];
    const parts = database.prepare(PARTS).all() as { part: string; bytes: number }[];
    return {
      chunks: counted?.chunks ?? 0,
      bytes: statSync(file).size,
      parts: parts.map(({ part, bytes }) => [part, bytes] as const),
    };
  } finally {
    database.close();
  }
}
