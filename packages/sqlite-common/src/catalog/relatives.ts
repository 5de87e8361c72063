import type { ChunkId, ChunkRecord, ContextOptions, VersionRef } from '@switchyard/storage-core';
import type { Relatives, RelativesRequest } from '@switchyard/storage-core/backend';
import type { SqliteDriver, SqlRow } from '../driver.js';
import { toChunk } from '../rows/row-mapping.js';
import { toText } from '../rows/text.js';
import { RELATIVES } from './catalog-statements.js';
import { readInScope } from './references.js';
import { ROLES, relativeLimits } from './relatives-sql.js';
import { RowNames } from './row-names.js';

/** A chunk, and its roles as selected by `selectRelativesOf`. */
export interface RelativeRow {
  readonly chunk: ChunkRecord;
  /** JSON array of pairs: a requested chunk, and the role of this one among its relatives. */
  readonly roles: string;
}

/** Reads the relatives of chunks, in one statement; null in the place of an unknown chunk. The request was checked. */
export function readRelatives(
  driver: SqliteDriver,
  { chunkIds, version, ...context }: RelativesRequest,
): (Relatives | null)[] {
  if (chunkIds.length === 0) return [];
  const rows = readRows(driver, chunkIds, version, context);
  const names = new RowNames(driver);
  const found = collectRelatives(
    rows.map((row) => ({ chunk: names.ofChunk(toChunk(row)), roles: toText(row.roles) ?? '[]' })),
  );
  return chunkIds.map((id) => found.get(id) ?? null);
}

function readRows(
  driver: SqliteDriver,
  chunkIds: readonly ChunkId[],
  version: VersionRef | undefined,
  context: ContextOptions,
): SqlRow[] {
  const ids = JSON.stringify(chunkIds);
  const limits = relativeLimits(context);
  if (version === undefined) return driver.all<SqlRow>(RELATIVES, [ids, -1, null, null, ...limits]);
  return readInScope(driver, version, (scope) => driver.all<SqlRow>(RELATIVES, [ids, ...scope, ...limits]));
}

interface Collected {
  chunk: ChunkRecord | null;
  parent: ChunkRecord | null;
  readonly lists: Record<'children' | 'precedingSiblings' | 'subsequentSiblings', ChunkRecord[]>;
}

/** Returns the relatives of each requested chunk by its id, from rows in page order. */
export function collectRelatives(rows: readonly RelativeRow[]): Map<ChunkId, Relatives> {
  const all = new Map<ChunkId, Collected>();
  for (const { chunk, roles } of rows) {
    for (const [chunkId, role] of JSON.parse(roles) as [ChunkId, number][]) {
      let collected = all.get(chunkId);
      if (collected === undefined) {
        collected = {
          chunk: null,
          parent: null,
          lists: { children: [], precedingSiblings: [], subsequentSiblings: [] },
        };
        all.set(chunkId, collected);
      }
      if (role === ROLES.self) collected.chunk = chunk;
      else if (role === ROLES.parent) collected.parent = chunk;
      else if (role === ROLES.children) collected.lists.children.push(chunk);
      else if (role === ROLES.precedingSiblings) collected.lists.precedingSiblings.push(chunk);
      else collected.lists.subsequentSiblings.push(chunk);
    }
  }
  const found = new Map<ChunkId, Relatives>();
  for (const [id, { chunk, parent, lists }] of all) {
    if (chunk !== null) found.set(id, { chunk, parent, ...lists });
  }
  return found;
}
