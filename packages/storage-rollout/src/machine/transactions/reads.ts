import type { ReadLast, Search } from '../calls.js';
import type { StoreRecords } from '../records.js';
import { isClean, libraryOf } from '../records.js';
import { answered, type Outcome } from './outcome.js';

/** Reads the position a library stands at. An authority with anything dirty stands at none that the other side has. */
export function readLast(records: StoreRecords, { library: name }: ReadLast): Outcome {
  const library = libraryOf(records, name);
  return answered(records, { kind: 'last', position: isClean(library) ? library.last : null });
}

/** Searches a library: the writes whose pages it finds, in a stable order. */
export function search(records: StoreRecords, { library: name }: Search): Outcome {
  const pages = Object.entries(libraryOf(records, name).pages).sort(([a], [b]) => (a < b ? -1 : 1));
  const writes = pages.flatMap(([, { content }]) => (content.kind === 'present' ? [content.write] : []));
  return answered(records, { kind: 'found', writes });
}
