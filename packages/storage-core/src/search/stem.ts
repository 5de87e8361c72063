/**
 * Returns the stem of a word in lower case, as the tokenizer `porter` of FTS5 does: M. F. Porter, An algorithm for suffix
 * stripping, Program 14(3), 1980. Words shorter than 3 bytes or longer than 64 are their own stems.
 *
 * @param word Bytes of the word in UTF-8, one character each, because FTS5 stems bytes. They are the word itself if it is
 * ASCII.
 *
 * @example
 * ```ts
 * stem('configured'); // 'configur'
 * stem(Buffer.from('été').toString('latin1'));
 * ```
 */
export function stem(word: string): string {
  if (word.length < 3 || word.length > 64) return word;
  let text = word;
  text = step1a(text);
  text = step1b(text);
  text = text.endsWith('y') && hasVowel(text.slice(0, -1)) ? `${text.slice(0, -1)}i` : text;
  text = replaceSuffix(text, STEP_2, 0);
  text = replaceSuffix(text, STEP_3, 0);
  text = step4(text);
  return step5(text);
}

/** Suffixes and their replacements, in the order in which they are tried; only the first that matches counts. */
type Suffixes = readonly (readonly [suffix: string, replacement: string])[];

const STEP_2: Suffixes = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['logi', 'log'],
  ['bli', 'ble'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
];

const STEP_3: Suffixes = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
];

const STEP_4 = [
  ...['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'],
  ...['ion', 'ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'],
] as const;

function step1a(word: string): string {
  if (hasSuffix(word, 'sses') || hasSuffix(word, 'ies')) return word.slice(0, -2);
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

function step1b(word: string): string {
  if (hasSuffix(word, 'eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const suffix = ['ed', 'ing'].find((ending) => hasSuffix(word, ending));
  if (suffix === undefined) return word;
  const rest = word.slice(0, -suffix.length);
  if (!hasVowel(rest)) return word;
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (endsWithDouble(rest) && !/[lsz]$/.test(rest)) return rest.slice(0, -1);
  return measure(rest) === 1 && endsShort(rest) ? `${rest}e` : rest;
}

function step4(word: string): string {
  const suffix = STEP_4.find((ending) => hasSuffix(word, ending));
  if (suffix === undefined) return word;
  const rest = word.slice(0, -suffix.length);
  if (measure(rest) < 2 || (suffix === 'ion' && !/[st]$/.test(rest))) return word;
  return rest;
}

function step5(word: string): string {
  let text = word;
  if (text.endsWith('e')) {
    const rest = text.slice(0, -1);
    const size = measure(rest);
    if (size > 1 || (size === 1 && !endsShort(rest))) text = rest;
  }
  return text.endsWith('ll') && measure(text.slice(0, -1)) > 1 ? text.slice(0, -1) : text;
}

function replaceSuffix(word: string, suffixes: Suffixes, minMeasure: number): string {
  const found = suffixes.find(([suffix]) => hasSuffix(word, suffix));
  if (found === undefined) return word;
  const [suffix, replacement] = found;
  const rest = word.slice(0, -suffix.length);
  return measure(rest) > minMeasure ? rest + replacement : word;
}

/** A word is no suffix of itself: `eed` ends with `ed`, not with `eed`. */
function hasSuffix(word: string, suffix: string): boolean {
  return word.length > suffix.length && word.endsWith(suffix);
}

function isVowel(word: string, at: number): boolean {
  const letter = word[at] ?? '';
  if (letter === 'y') return at > 0 && !isVowel(word, at - 1);
  return letter !== '' && 'aeiou'.includes(letter);
}

function hasVowel(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (isVowel(word, at)) return true;
  return false;
}

/** Number of sequences of vowels that are followed by consonants. */
function measure(word: string): number {
  let count = 0;
  for (let at = 1; at < word.length; at++) if (isVowel(word, at - 1) && !isVowel(word, at)) count += 1;
  return count;
}

/** True after two equal consonants. A y is one here, even after a consonant. */
function endsWithDouble(word: string): boolean {
  const last = word.length - 1;
  return last > 0 && word[last] === word[last - 1] && !/[aeiou]$/.test(word);
}

/** True after consonant, vowel, consonant, where the last is not w, x or y. */
function endsShort(word: string): boolean {
  const last = word.length - 1;
  return (
    last > 1 &&
    !isVowel(word, last) &&
    isVowel(word, last - 1) &&
    !isVowel(word, last - 2) &&
    !/[wxy]$/.test(word)
  );
}
