import { HEADER_BYTES, type Leaf } from './leaf.js';
import { type Postings, PostingsBuilder } from './postings.js';
import { ByteReader, UnknownFormat } from './varint.js';

/** Where the list of texts of a term begins. */
export interface DoclistStart {
  readonly leaf: Leaf;
  readonly at: number;
  /** Offset of the next term of the page; null when the list may go on, on the pages that follow. */
  readonly nextTerm: number | null;
}

/**
 * Reads the list of a term within one segment: for each text its id, the number of bytes of its positions with a bit for
 * deletion, and the positions. Lists, and the positions of one text, go on from page to page. A text that was deleted
 * stands there without positions.
 *
 * @param next The pages that follow, in order; null after the last one.
 */
export function readDoclist({ leaf, at, nextTerm }: DoclistStart, next: () => Leaf | null): Postings {
  const builder = new PostingsBuilder();
  let page = leaf;
  let reader = new ByteReader(page.bytes, at);
  let end = nextTerm ?? page.end;
  let isLastPage = nextTerm !== null;
  let id = 0;
  let isFirst = true;

  const turn = (): boolean => {
    const following = isLastPage ? null : next();
    if (following === null) return false;
    page = following;
    end = page.firstTerm();
    isLastPage = end < page.end;
    reader = new ByteReader(page.bytes, HEADER_BYTES);
    return true;
  };

  for (;;) {
    if (reader.at >= end) {
      if (!turn()) break;
      if (page.firstId === 0 || page.firstId >= end) break; // the page begins with another term
      reader.at = page.firstId;
    }
    const isWhole = isFirst || reader.at === page.firstId;
    const number = reader.varint();
    id = isWhole ? number : id + number;
    isFirst = false;
    const size = reader.varint();
    let left = Math.floor(size / 2);
    builder.begin(id);
    while (left > 0) {
      if (reader.at >= end && !turn()) throw new UnknownFormat('positions end before their time');
      const here = Math.min(left, end - reader.at);
      builder.positions(page.bytes, reader.at, reader.at + here);
      reader.skip(here);
      left -= here;
    }
  }
  return builder.finish();
}
