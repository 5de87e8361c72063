/** Removes control characters: documentation must not be able to control a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** Returns one line of at most `length` characters, in whole words, around the first occurrence of any of the words. */
export function snippet(content: string, words: readonly string[], length = 240): string {
  const line = printable(content).replace(/\s+/g, ' ').trim();
  const characters = [...line];
  if (characters.length <= length) return line;
  const lower = line.toLowerCase();
  const places = words.map((word) => lower.indexOf(word.toLowerCase())).filter((place) => place >= 0);
  const wanted = places.length === 0 ? 0 : Math.min(...places) - 60;
  const start = Math.min(Math.max(0, wanted), characters.length - length);
  const end = start + length;
  const isCut = { before: start > 0, after: end < characters.length };
  const cut = characters.slice(start, end).join('');
  const whole = cut.replace(isCut.before ? /^\S*\s/ : /^/, '').replace(isCut.after ? /\s\S*$/ : /$/, '');
  return `${isCut.before ? '… ' : ''}${whole}${isCut.after ? ' …' : ''}`;
}

/** Formats bytes for people, in powers of 1024. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Formats `1 page`, `2 pages`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
