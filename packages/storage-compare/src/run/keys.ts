/** A chunk that can be recognized in another store. */
interface Placed {
  readonly url: string;
  readonly sortOrder: number;
}

/**
 * Names chunks by the URL of their page and their place in it, which stay the same in every copy of a store and when the
 * same documentation is indexed again. A second chunk at the same place of one list gets another name.
 */
export class Keys {
  readonly #seen = new Map<string, number>();

  of({ url, sortOrder }: Placed): string {
    const place = placeOf(url, sortOrder);
    const count = (this.#seen.get(place) ?? 0) + 1;
    this.#seen.set(place, count);
    return count === 1 ? place : `${place} (${count})`;
  }
}

/** The name of the first chunk at a place. */
export function placeOf(url: string, sortOrder: number): string {
  return `${url} §${sortOrder}`;
}
