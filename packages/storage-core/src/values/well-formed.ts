/** Available in every Node.js from 20, but in the types only from ES2024. */
interface WellFormedString {
  isWellFormed(): boolean;
  toWellFormed(): string;
}

/**
 * Replaces every lone surrogate in a text with U+FFFD, so that UTF-8 can represent it. Chunkers that cut by length
 * leave halves of emoji behind, which stores keep in different ways or not at all.
 */
export function toWellFormed(text: string): string {
  return (text as unknown as WellFormedString).toWellFormed();
}

/** Returns true if a text has no lone surrogate, so that UTF-8 can represent it. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as WellFormedString).isWellFormed();
}

/**
 * Makes every text in a plain value well-formed, keys included: see {@link toWellFormed}. Returns a well-formed value
 * unchanged; changes none in place.
 */
export function wellFormed<T>(value: T): T {
  return replaced(value, new Map()) as T;
}

/** Counts the texts of a plain value, keys not included, that are not well-formed. The value must not contain itself. */
export function countIllFormed(value: unknown): number {
  if (typeof value === 'string') return isWellFormed(value) ? 0 : 1;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 0;
  return Object.values(value).reduce((sum: number, member) => sum + countIllFormed(member), 0);
}

/** @param known Results by object, so that shared and cyclic objects are visited only once. */
function replaced(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value === 'string') return isWellFormed(value) ? value : toWellFormed(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (known.has(value)) return known.get(value);
  known.set(value, value);
  const sound = Array.isArray(value) ? replacedItems(value, known) : replacedMembers(value, known);
  known.set(value, sound);
  return sound;
}

function replacedItems(value: readonly unknown[], known: Map<object, unknown>): readonly unknown[] {
  const items = value.map((item) => replaced(item, known));
  return items.some((item, index) => item !== value[index]) ? items : value;
}

function replacedMembers(value: object, known: Map<object, unknown>): object {
  let changed = false;
  const sound = Object.entries(value).map(([key, member]): [string, unknown] => {
    const entry: [string, unknown] = [toWellFormed(key), replaced(member, known)];
    changed ||= entry[0] !== key || entry[1] !== member;
    return entry;
  });
  return changed ? Object.fromEntries(sound) : value;
}
