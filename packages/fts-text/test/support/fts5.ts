import Database from 'libsql';

/** Tokens that FTS5 produces for each text. */
export function fts5Tokens(texts: readonly string[], tokenizer = 'porter unicode61'): string[][] {
  const db = new Database(':memory:');
  db.exec(`
    CREATE VIRTUAL TABLE words USING fts5(text, content = '', tokenize = '${tokenizer}');
    CREATE VIRTUAL TABLE tokens USING fts5vocab('words', 'instance');
    BEGIN;`);
  const insert = db.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
  for (const [index, text] of texts.entries()) insert.run(BigInt(index + 1), text);
  db.exec('COMMIT');
  const rows = db.prepare('SELECT doc, CAST(term AS BLOB) FROM tokens').raw().all() as [number, Buffer][];
  const offsets = db.prepare('SELECT offset FROM tokens').pluck().all() as number[];
  db.close();
  const tokens: string[][] = texts.map(() => []);
  for (const [index, [doc, term]] of rows.entries()) {
    (tokens[doc - 1] as string[])[offsets[index] as number] = shown(term);
  }
  return tokens;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A token that was cut inside a character, as the tokenizer of this package shows it. */
function shown(bytes: Buffer): string {
  for (let rest = 0; rest < 4; rest++) {
    const whole = bytes.subarray(0, bytes.length - rest);
    const text = decoder.decode(whole);
    if (text.includes('\uFFFD')) continue;
    return rest === 0 ? text : `${text}\uFFFD${bytes.subarray(whole.length).toString('hex')}`;
  }
  return bytes.toString('hex');
}
