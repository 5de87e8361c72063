import { bytes, type SqliteDriver } from '@switchyard/sqlite-common';
import { readDoclist } from './doclist.js';
import type { Segment } from './fts5-records.js';
import { Leaf } from './leaf.js';
import { mergePostings, type Postings } from './postings.js';
import { UnknownFormat } from './varint.js';

/** Pages of a segment have the id segment × 2^37 + page. */
const PAGES_OF_SEGMENT = 2 ** 37;

/** First byte of terms of the main index, as opposed to a prefix index. */
const MAIN_INDEX = '0';

/**
 * Page of each segment on which each term would begin. ?1 a JSON array of terms, ?2 a JSON array of [segment, its first
 * page].
 */
const PAGES_OF_TERMS = `
  SELECT terms.key AS term, segments.key AS segment, pages.id, ${bytes('pages.block')}
  FROM json_each(?1) AS terms
  CROSS JOIN json_each(?2) AS segments
  CROSS JOIN documents_fts_data AS pages ON pages.id =
    (segments.value ->> 0) * ${PAGES_OF_SEGMENT} + max(
      segments.value ->> 1,
      ifnull((
        SELECT documents_fts_idx.pgno >> 1
        FROM documents_fts_idx
        WHERE documents_fts_idx.segid = (segments.value ->> 0)
          AND documents_fts_idx.term <= CAST('${MAIN_INDEX}' || terms.value AS BLOB)
        ORDER BY documents_fts_idx.term DESC
        LIMIT 1
      ), 0)
    )
  ORDER BY terms.key, segments.key`;

const PAGES = `
  SELECT ${bytes('block')} FROM documents_fts_data WHERE id BETWEEN ?1 AND ?2 ORDER BY id`;

/** Pages read by one statement when a doclist continues. */
const PAGES_AT_ONCE = 32;

interface FoundPage {
  readonly term: number;
  readonly segment: number;
  readonly id: number;
  readonly block: Uint8Array;
}

const encoder = new TextEncoder();

/**
 * Reads the postings of terms, as returned by the tokenizer, from the segments of the index, newest first.
 *
 * @throws UnknownFormat
 */
export function readPostings(
  driver: SqliteDriver,
  segments: readonly Segment[],
  terms: readonly string[],
): Postings[] {
  const found: Postings[][] = terms.map(() => []);
  if (segments.length > 0) {
    const pages = driver.all<FoundPage>(PAGES_OF_TERMS, [
      JSON.stringify(terms),
      JSON.stringify(segments.map(({ id, firstPage }) => [id, firstPage])),
    ]);
    if (pages.length !== terms.length * segments.length) throw new UnknownFormat('a page is missing');
    for (const { term, segment, id, block } of pages) {
      const leaf = new Leaf(block);
      const start = leaf.find(encoder.encode(MAIN_INDEX + (terms[term] as string)));
      if (start === null) continue;
      const next = pagesAfter(driver, id, segments[segment] as Segment);
      found[term]?.push(readDoclist({ leaf, ...start }, next));
    }
  }
  return found.map(mergePostings);
}

function pagesAfter(driver: SqliteDriver, id: number, segment: Segment): () => Leaf | null {
  const last = segment.id * PAGES_OF_SEGMENT + segment.lastPage;
  let read: { block: Uint8Array }[] = [];
  let index = 0;
  let nextId = id + 1;
  return () => {
    if (index === read.length) {
      if (nextId > last) return null;
      const upTo = Math.min(nextId + PAGES_AT_ONCE - 1, last);
      read = driver.all(PAGES, [nextId, upTo]);
      if (read.length !== upTo - nextId + 1) throw new UnknownFormat('a page is missing');
      index = 0;
      nextId = upTo + 1;
    }
    const page = read[index++];
    return page === undefined ? null : new Leaf(page.block);
  };
}
