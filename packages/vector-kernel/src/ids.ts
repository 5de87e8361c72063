/** Row ids: positive safe integers, in any array of numbers. */
export type IdData = ArrayLike<number>;

/** @throws RangeError on an id that is not a positive safe integer, or that occurs twice. */
export function assertIds(ids: IdData): void {
  let ascending = true;
  let previous = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    assertId(id);
    if (id <= previous) ascending = false;
    previous = id;
  }
  // Ascending ids, the usual case, are known to be distinct without a set.
  if (!ascending && new Set(Array.from(ids)).size !== ids.length) {
    throw new RangeError('An id occurs twice');
  }
}

export function assertId(id: number): void {
  if (!Number.isSafeInteger(id) || id < 1) {
    throw new RangeError(`Ids must be positive safe integers, not ${String(id)}`);
  }
}

/**
 * Map from ids to rows, built by the first lookup: most tables are loaded in ascending order and then only searched,
 * and never need it.
 */
export class IdIndex {
  readonly #idOf: (row: number) => number;
  #rows: Map<number, number> | undefined;
  #largest = 0;

  constructor(idOf: (row: number) => number) {
    this.#idOf = idOf;
  }

  /** Estimate: V8 uses about 40 bytes per entry of a Map of numbers. */
  get byteLength(): number {
    return (this.#rows?.size ?? 0) * 40;
  }

  rowOf(id: number, count: number): number | undefined {
    if (id > this.#largest) return undefined;
    return this.#map(count).get(id);
  }

  /** Records the ids appended from row `first` on. */
  appended(first: number, count: number): void {
    for (let row = first; row < count; row++) {
      const id = this.#idOf(row);
      if (id > this.#largest) this.#largest = id;
      this.#rows?.set(id, row);
    }
  }

  moved(id: number, row: number): void {
    this.#rows?.set(id, row);
  }

  removed(id: number): void {
    this.#rows?.delete(id);
  }

  clear(): void {
    this.#rows = undefined;
    this.#largest = 0;
  }

  #map(count: number): Map<number, number> {
    if (this.#rows === undefined) {
      this.#rows = new Map();
      for (let row = 0; row < count; row++) this.#rows.set(this.#idOf(row), row);
    }
    return this.#rows;
  }
}
