/** The words of a text that a reader looks for in a hit, in lower case and without endings. */
export function stemsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  return [
    ...new Set(
      words.map((word) => word.replace(/(?:ing|ed|es|s|er|ly)$/, '')).filter((stem) => stem.length >= 2),
    ),
  ];
}

/** Returns true for a word that one of the stems stands for; short ones are too common to stand for longer words. */
export function matchesStem(word: string, stems: readonly string[]): boolean {
  const lower = word.toLowerCase();
  return stems.some((stem) => (stem.length > 3 ? lower.startsWith(stem) : lower === stem));
}

/** The part of a text with most of the words, at most `length` characters. */
export function excerptOf(content: string, text: string, length: number): string {
  const clean = content.replaceAll(/\s+/g, ' ').trim();
  if (clean.length <= length) return clean;
  const stems = stemsOf(text);
  const places = [...clean.matchAll(/[\p{L}\p{N}]+/gu)]
    .filter(([word]) => matchesStem(word, stems))
    .map(({ index }) => index);
  let [best, most] = [0, 0];
  for (const [first, place] of places.entries()) {
    const within = places.slice(first).filter((other) => other < place + length - 40).length;
    if (within > most) [best, most] = [place, within];
  }
  const start = best <= 40 ? 0 : clean.lastIndexOf(' ', best - 20) + 1;
  const end = Math.min(clean.length, start + length);
  return `${start > 0 ? '… ' : ''}${clean.slice(start, end).trim()}${end < clean.length ? ' …' : ''}`;
}
