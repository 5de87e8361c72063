import { type SqliteDriver, text } from '@switchyard/sqlite-common';
import { openMemory } from '../../store/memory.js';

// A contentless table can be emptied at once.
const CREATE = `
  CREATE VIRTUAL TABLE typed USING fts5(text, content = '', tokenize = 'porter unicode61');
  CREATE VIRTUAL TABLE tokens USING fts5vocab(typed, instance);`;

const INSERT = `
  INSERT INTO typed (rowid, text) SELECT key + 1, value FROM json_each(?1)`;

const TOKENS = `
  SELECT tokens.doc, ${text('tokens.term')} FROM tokens ORDER BY doc, offset`;

const EMPTY = `
  INSERT INTO typed (typed) VALUES ('delete-all')`;

/** Maximum number of words whose tokens are cached. */
const MAX_CACHED_WORDS = 20_000;

/** Maximum word length; the engine may cut longer ones inside a character. */
export const MAX_WORD_LENGTH = 1_000;

/** Turns words into the tokens of the full-text index, by the engine's own tokenizer on a table in memory. */
export class Tokenizer {
  #driver: SqliteDriver | null = null;
  readonly #known = new Map<string, readonly string[]>();

  /** Returns the tokens of each word, in order; none for punctuation. */
  tokens(words: readonly string[]): (readonly string[])[] {
    const unknown = [...new Set(words)].filter((word) => !this.#known.has(word));
    if (this.#known.size + unknown.length > MAX_CACHED_WORDS) {
      this.#known.clear();
      return this.tokens(words);
    }
    if (unknown.length > 0) this.#learn(unknown);
    return words.map((word) => this.#known.get(word) ?? []);
  }

  /** Closes the table in memory. */
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
