/** Text of a row that must differ from those of other rows. */
export interface StoredText {
  readonly id: number;
  readonly text: string;
  /** True if the stored bytes are not UTF-8. */
  readonly isReplaced: boolean;
}

/**
 * Makes texts distinct that became equal when ill-formed bytes were replaced by U+FFFD: in order of id, they get a
 * numeric suffix (`text-2`, `text-3`, …). Well-formed texts never change. Conversions write, and backends read, by this
 * rule.
 *
 * @param keyOf Key by which texts are compared. Default: the text.
 * @returns Distinct texts of the rows whose bytes were replaced.
 */
export function distinctTexts(
  rows: Iterable<StoredText>,
  keyOf: (text: string) => string = (text) => text,
): ReadonlyMap<number, string> {
  const all = [...rows].sort((a, b) => a.id - b.id);
  const taken = new Set(all.filter(({ isReplaced }) => !isReplaced).map(({ text }) => keyOf(text)));
  const found = new Map<number, string>();
  for (const { id, text, isReplaced } of all) {
    if (!isReplaced) continue;
    let distinct = text;
    for (let number = 2; taken.has(keyOf(distinct)); number++) distinct = `${text}-${number}`;
    taken.add(keyOf(distinct));
    found.set(id, distinct);
  }
  return found;
}
