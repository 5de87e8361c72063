import { type Postings, PostingsBuilder } from './postings.js';

/** Returns the postings of a phrase: its terms in consecutive positions of the same column. */
export function findPhrase(terms: readonly Postings[]): Postings {
  const [only] = terms;
  if (only !== undefined && terms.length === 1) return only;
  const builder = new PostingsBuilder();
  const rarest = terms.reduce((rare, term) => (term.count < rare.count ? term : rare));
  const at = terms.map(() => 0);
  for (const id of rarest.ids) {
    if (!moveAll(terms, at, id)) continue;
    const places = placesOfPhrase(terms, at);
    if (places.length > 0) builder.add(id, places);
  }
  return builder.finish();
}

/** Advances each list to a text. Returns true if all of them contain it. */
function moveAll(terms: readonly Postings[], at: number[], id: number): boolean {
  for (let index = 0; index < terms.length; index++) {
    const { ids } = terms[index] as Postings;
    const found = seek(ids, at[index] as number, id);
    at[index] = found;
    if (ids[found] !== id) return false;
  }
  return true;
}

function placesOfPhrase(terms: readonly Postings[], at: readonly number[]): number[] {
  let places = (terms[0] as Postings).places(at[0] as number);
  for (let index = 1; index < terms.length && places.length > 0; index++) {
    const next = new Set((terms[index] as Postings).places(at[index] as number));
    places = places.filter((place) => next.has(place + index));
  }
  return places;
}

/** Returns the index of the first id not below `id`, from `from` on: galloping, then binary search. */
export function seek(ids: Float64Array, from: number, id: number): number {
  let low = from;
  let stride = 1;
  while (low + stride < ids.length && (ids[low + stride] as number) < id) {
    low += stride;
    stride *= 2;
  }
  let high = Math.min(low + stride, ids.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] as number) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
