import type { Damage, DamageCode } from '../ports/store-maintenance.js';

const EXAMPLES_MAX = 10;

/** Damage found at one place. */
export interface DamageFound {
  /** Kind of the damage. */
  readonly code: DamageCode;
  /** Description for people, with the place of the damage. */
  readonly detail: string;
  /** Affected place, such as `chunk 17`. */
  readonly example?: string | undefined;
  /** Number of rows affected. Default 1. */
  readonly count?: number | undefined;
  /** Repair that removes it; null or absent if there is none. */
  readonly repair?: string | null | undefined;
  /** Recommended action for damage that cannot be repaired. */
  readonly advice?: string | null | undefined;
}

/** Collects damage. Equal kinds become one entry with a count and a few examples, so that a report stays short. */
export class DamageList {
  readonly #byKind = new Map<string, Damage & { count: number; examples: string[] }>();

  /** Adds damage, merging it with known damage of the same kind. */
  add({ code, detail, example, count = 1, repair = null, advice = null }: DamageFound): void {
    const key = `${code} ${detail}`;
    const known = this.#byKind.get(key);
    const entry = known ?? { code, detail, count: 0, examples: [], repair, advice };
    if (known === undefined) this.#byKind.set(key, entry);
    entry.count += count;
    if (example !== undefined && entry.examples.length < EXAMPLES_MAX) entry.examples.push(example);
  }

  /** All damage found so far. */
  get damages(): readonly Damage[] {
    return [...this.#byKind.values()];
  }
}
