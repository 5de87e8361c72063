import { createRandom, type Random } from '../harness/random.js';
import { REAL_DIMENSION } from './embeddings.js';
import { normalize } from './projection.js';
import type { CorpusPage } from './types.js';

const PAGES = 200;
const WORDS = 2_000;
const WORDS_A_CHUNK = 60;
const SEED = 411;

/** Generates pages of frequent and rare artificial words under headings, the same ones every time. */
export function makeSyntheticPages(pages = PAGES): CorpusPage[] {
  const random = createRandom(SEED);
  const words = Array.from({ length: WORDS }, () => makeWord(random));
  const sentence = (length: number) => {
    // A few words are frequent and most are rare, as in natural language (Zipf): the square of a uniform number.
    const picked = Array.from({ length }, () => words[Math.floor(random.next() ** 2 * WORDS)] as string);
    const [first = '', ...rest] = picked;
    return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(' ');
  };
  return Array.from({ length: pages }, (_, page) => {
    const title = sentence(3);
    const chunks = Array.from({ length: 5 + random.below(6) }, () => {
      const heading = sentence(2);
      const content = `## ${heading}\n\n${sentence(WORDS_A_CHUNK)}.\n\nHow does ${heading} work?\n`;
      return { content, metadata: { types: ['text'], level: 2, path: [title, heading] } };
    });
    return { url: `synthetic:${page}`, title, chunks };
  });
}

/** Embeds texts so that those with shared words are close: the sum of one direction per word. */
export function embedWords(texts: readonly string[]): Float32Array[] {
  const directions = new Map<string, Float32Array>();
  return texts.map((text) => {
    const vector = new Float32Array(REAL_DIMENSION);
    for (const word of text.toLowerCase().match(/[a-z]+/g) ?? ['']) {
      const direction = directions.get(word) ?? directionOf(word);
      directions.set(word, direction);
      for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) + (direction[i] as number);
    }
    normalize(vector);
    return vector;
  });
}

function directionOf(word: string): Float32Array {
  let seed = SEED;
  for (const character of word) seed = (seed * 31 + (character.codePointAt(0) ?? 0)) % 2 ** 31;
  const random = createRandom(seed);
  return Float32Array.from({ length: REAL_DIMENSION }, () => random.normal());
}

function makeWord(random: Random): string {
  const pick = (letters: string) => letters.charAt(random.below(letters.length));
  const syllables = 1 + random.below(3);
  return Array.from({ length: syllables }, () => pick('bdfgklmnprstvz') + pick('aeiou') + pick('lnrst')).join(
    '',
  );
}
