import { type SqliteDriver, text } from '@switchyard/sqlite-common';
import { openMemory } from '../../store/memory.js';

// A table without content of its own, so that it can be emptied at once.
const CREATE = `
  CREATE VIRTUAL TABLE typed USING fts5(text, content = '', tokenize = 'porter unicode61');
  CREATE VIRTUAL TABLE tokens USING fts5vocab(typed, instance);`;

const INSERT = `
  INSERT INTO typed (rowid, text) SELECT key + 1, value FROM json_each(?1)`;

const TOKENS = `
  SELECT tokens.doc, ${text('tokens.term')} FROM tokens ORDER BY doc, offset`;

const EMPTY = `
  INSERT INTO typed (typed) VALUES ('delete-all')`;

/** Words kept with their tokens. */
const MOST_KEPT = 20_000;

/** Words longer than this may be cut by the engine inside a character. */
export const MAX_WORD_LENGTH = 1_000;

/** What the index calls the words that people type: the engine's own tokenizer, asked by way of an empty store in memory. */
export class Tokenizer {
  #driver: SqliteDriver | null = null;
  readonly #known = new Map<string, readonly string[]>();

  /** The tokens of each word, in order; none for a word of punctuation. */
  tokens(words: readonly string[]): (readonly string[])[] {
    const unknown = [...new Set(words)].filter((word) => !this.#known.has(word));
    if (this.#known.size + unknown.length > MOST_KEPT) {
      this.#known.clear();
      return this.tokens(words);
    }
    if (unknown.length > 0) this.#learn(unknown);
    return words.map((word) => this.#known.get(word) ?? []);
  }

  close(): void {
    this.#driver?.close();
    this.#driver = null;
    this.#known.clear();
  }

  #learn(words: readonly string[]): void {
    const driver = this.#connect();
    const tokens = driver.transaction(() => {
      driver.run(INSERT, [JSON.stringify(words)]);
      return driver.all<{ doc: number; term: string }>(TOKENS);
    });
    driver.run(EMPTY);
    const byWord = words.map((): string[] => []);
    for (const { doc, term } of tokens) byWord[doc - 1]?.push(term);
    for (const [index, word] of words.entries()) this.#known.set(word, byWord[index] ?? []);
  }

  #connect(): SqliteDriver {
    if (this.#driver === null) {
      this.#driver = openMemory();
      this.#driver.exec(CREATE);
    }
    return this.#driver;
  }
}
