import type { CallOptions } from '@switchyard/storage-core';
import {
  checkRelativesRequest,
  type Relatives,
  type RelativesRequest,
  selectRelatives,
} from '@switchyard/storage-core/backend';
import type { Query } from '../database/connection.js';
import type { Session } from '../database/session.js';
import { type ChunkRow, groupBy, toChunk } from '../rows.js';
import { CHUNKS, OUTLINES } from '../sql/catalog.js';
import { chunkParameters } from './catalog.js';

/** Id, page and headings of a chunk. */
interface OutlineRow {
  readonly id: number;
  readonly pageId: number;
  readonly path: readonly string[];
}

/** Implements `Catalog.relatives`. */
export async function readRelatives(
  session: Session,
  request: RelativesRequest,
  options: CallOptions | undefined,
): Promise<readonly (Relatives | null)[]> {
  checkRelativesRequest(request);
  const empty = () => request.chunkIds.map(() => null);
  return session.snapshot<readonly (Relatives | null)[]>(options, empty, (query) =>
    relativesOf(query, request),
  );
}

/** Reads the outlines of the pages, finds the relatives in them, and reads their rows. */
export async function relativesOf(
  query: Query,
  request: RelativesRequest,
): Promise<readonly (Relatives | null)[]> {
  const { chunkIds, version } = request;
  const values = chunkParameters(chunkIds, version);
  const outline = await query<OutlineRow>(OUTLINES, values);
  const pageOf = new Map(outline.map(({ id, pageId }) => [id, pageId]));
  const pages = groupBy(outline, ({ pageId }) => pageId);
  const related = chunkIds.map((id) => {
    const page = pages.get(pageOf.get(id) ?? 0);
    return page === undefined ? null : { id, ...selectRelatives(page, id, request) };
  });
  const wanted = related.flatMap((one) =>
    one === null
      ? []
      : [one.id, one.parent ?? one.id, ...one.children, ...one.precedingSiblings, ...one.subsequentSiblings],
  );
  const rows = await query<ChunkRow>(CHUNKS, chunkParameters([...new Set(wanted)], undefined));
  const records = new Map(rows.map((row) => [row.id, toChunk(row)]));
  const record = (id: number) => records.get(id) as Relatives['chunk'];
  return related.map((one) =>
    one === null
      ? null
      : {
          chunk: record(one.id),
          parent: one.parent === null ? null : record(one.parent),
          children: one.children.map(record),
          precedingSiblings: one.precedingSiblings.map(record),
          subsequentSiblings: one.subsequentSiblings.map(record),
        },
  );
}
