/** A text of a row, beside those of other rows from which it has to differ. */
export interface StoredText {
  readonly id: number;
  readonly text: string;
  /** Whether it stands for stored bytes that are not UTF-8. */
  readonly isReplaced: boolean;
}

/**
 * Tells rows apart whose texts became one when ill-formed bytes were replaced by U+FFFD: in the order of their ids they
 * get a number behind their text (`text-2`, `text-3`, …). Texts that were well-formed stay as they are, whatever other
 * row has them. A conversion writes and the backends read by this one rule.
 *
 * @param keyOf What makes two texts the same. Default: the text.
 * @returns The text of every row that was replaced.
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
