/** Nests deeper than any JSON that a store could hold; a value that contains itself does, too. */
const MAX_DEPTH = 1000;

/** In every Node.js from 20, and in the types from ES2024. */
interface WellFormedString {
  isWellFormed(): boolean;
  toWellFormed(): string;
}

/**
 * A text with every half of a surrogate pair replaced by U+FFFD: text as UTF-8 can hold it. Chunkers that cut by length
 * leave halves of emoji behind, which stores keep in different ways or not at all.
 */
export function toWellFormed(text: string): string {
  return (text as unknown as WellFormedString).toWellFormed();
}

/** Whether a text has no half of a surrogate pair, so that UTF-8 can hold it. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as WellFormedString).isWellFormed();
}

/**
 * A plain value with every text in it well-formed, keys included: see {@link toWellFormed}. A value that already is
 * well-formed is returned as it is; none is changed in place.
 */
export function wellFormed<T>(value: T): T {
  return replaced(value, 0) as T;
}

function replaced(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return isWellFormed(value) ? value : toWellFormed(value);
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => replaced(item, depth + 1));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (ArrayBuffer.isView(value)) return value;
  const entries = Object.entries(value);
  let changed = false;
  const sound = entries.map(([key, member]): [string, unknown] => {
    const entry: [string, unknown] = [toWellFormed(key), replaced(member, depth + 1)];
    changed ||= entry[0] !== key || entry[1] !== member;
    return entry;
  });
  return changed ? Object.fromEntries(sound) : value;
}
