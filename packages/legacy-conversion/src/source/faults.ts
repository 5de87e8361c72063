import { integer, type SqliteDriver, type SqlRow, text } from '@switchyard/sqlite-common';
import type { ConversionProblem, ProblemSink } from '../problems.js';
import { quoteName } from '../quote.js';

/** Triggers of the schema, by the level that introduced them. */
const TRIGGERS: readonly (readonly [level: number, name: string])[] = [
  [9, 'documents_fts_after_delete'],
  [9, 'documents_fts_after_update'],
  [9, 'documents_fts_after_insert'],
  [11, 'documents_vec_after_insert'],
  [11, 'documents_vec_after_update'],
  [11, 'documents_vec_after_delete'],
];

const TRIGGER_NAMES = `
  SELECT ${text('sqlite_master.name')} FROM legacy.sqlite_master WHERE type = 'trigger'`;

const COLUMNS = `
  SELECT ${text('columns.name')} FROM pragma_table_info(?1, 'legacy') AS columns`;

const LOST_VERSIONS = `
  FROM legacy.versions
  WHERE library_id NOT IN (SELECT id FROM legacy.libraries)
  ORDER BY id`;

const LOST_PAGES = `
  FROM legacy.pages
  WHERE version_id NOT IN (
    SELECT versions.id FROM legacy.versions JOIN legacy.libraries ON libraries.id = versions.library_id
  )
  ORDER BY id`;

const LOST_CHUNKS = `
  FROM legacy.documents
  WHERE page_id NOT IN (
    SELECT pages.id
    FROM legacy.pages
    JOIN legacy.versions ON versions.id = pages.version_id
    JOIN legacy.libraries ON libraries.id = versions.library_id
  )
  ORDER BY id`;

const HAS_STAGING = `
  SELECT 1 AS found
  FROM legacy.sqlite_master
  WHERE type = 'table' AND name = 'staged_profile'
    AND EXISTS (SELECT 1 FROM legacy.sqlite_master WHERE type = 'table' AND name = 'staged_vectors')`;

const STAGING = `
  SELECT
    ${text('staged_profile.model')},
    ${integer('staged_profile.dimension')},
    ${text('staged_profile.metric')},
    (SELECT count(*) FROM legacy.staged_vectors) AS vectors,
    (SELECT count(*) FROM legacy.documents) AS chunks
  FROM legacy.staged_profile`;

interface Staging {
  readonly model: string | null;
  readonly dimension: number;
  readonly metric: string;
  readonly vectors: number;
  readonly chunks: number;
}

/** Reports missing triggers, rows without their parent row, and an unfinished re-embedding. */
export function findStoreFaults(driver: SqliteDriver, level: number, problem: ProblemSink): void {
  const staging = driver.first(HAS_STAGING) === undefined ? undefined : driver.first<Staging>(STAGING);
  if (staging !== undefined) {
    const { model, dimension, metric, vectors, chunks } = staging;
    const detail =
      `A re-embedding with ${model ?? 'an unknown model'} (${dimension} dimensions, ${metric}) is not finished: ${vectors} of ` +
      `${chunks} chunks have a new vector. These are not converted; the vectors in use are. Finish it ` +
      'first, or restart it with the new store.';
    problem({ kind: 'reembedding-unfinished', table: null, id: null, detail });
  }
  const names = new Set(driver.all<{ name: string }>(TRIGGER_NAMES).map(({ name }) => name));
  for (const [since, name] of TRIGGERS) {
    if (level < since || names.has(name)) continue;
    const detail = `The trigger ${name} is missing: later writes may be missing from the indexes.`;
    problem({ kind: 'trigger-missing', table: null, id: null, detail });
  }
  for (const [table, statement] of [
    ['versions', LOST_VERSIONS],
    ['pages', LOST_PAGES],
    ['documents', LOST_CHUNKS],
  ] as const) {
    for (const row of driver.all(`${selectAll(driver, table)}${statement}`)) problem(orphan(table, row));
  }
}

/** Levels differ in their columns, and text must not be selected as text: see sqlite-common. */
function selectAll(driver: SqliteDriver, table: string): string {
  const columns = driver.all<{ name: string }>(COLUMNS, [table]).map(({ name }) => {
    const quoted = quoteName(name);
    return `CASE typeof(${quoted}) WHEN 'text' THEN CAST(${quoted} AS BLOB) ELSE ${quoted} END AS ${quoted}`;
  });
  return `
  SELECT ${columns.join(', ')}`;
}

const decoder = new TextDecoder();

function orphan(table: 'versions' | 'pages' | 'documents', row: SqlRow): ConversionProblem {
  const columns = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? decoder.decode(value) : typeof value === 'bigint' ? Number(value) : value,
  ]);
  return {
    kind: 'row-orphan',
    table,
    id: Number(row.id),
    detail: 'The parent of the row does not exist, so nothing reaches it. It is omitted, and recorded here.',
    row: Object.fromEntries(columns) as ConversionProblem['row'],
  };
}
