import { type VectorSet, vectorAt } from '../harness/ground-truth.js';
import { toBytes, type VectorIndexUnderTest } from './vector-contender.js';

const ROWS_A_STATEMENT = 100;

type Value =
  | { readonly type: 'integer'; readonly value: string }
  | { readonly type: 'blob'; readonly base64: string };

interface Answer {
  readonly results: readonly {
    readonly type: 'ok' | 'error';
    readonly error?: { readonly message: string };
    readonly response?: {
      readonly result?: { readonly rows: readonly (readonly { readonly value: string }[])[] };
    };
  }[];
}

/** Plain libSQL on a server, with one HTTP request per search and no driver; scans all rows. */
export class LibsqlHttp implements VectorIndexUnderTest {
  readonly #url: string;

  constructor(url: string) {
    this.#url = new URL('/v2/pipeline', url).href;
  }

  async fill(set: VectorSet): Promise<void> {
    await this.#execute(
      `CREATE TABLE plain_vectors (id INTEGER PRIMARY KEY, embedding F32_BLOB(${set.dim}))`,
      [],
    );
    for (let start = 0; start < set.count; start += ROWS_A_STATEMENT) {
      const rows = Array.from(
        { length: Math.min(ROWS_A_STATEMENT, set.count - start) },
        (_, index) => start + index,
      );
      const values = rows.map(() => '(?, ?)').join(', ');
      const bound = rows.flatMap((row) => [integer(row), blob(vectorAt(set, row))]);
      await this.#execute(`INSERT INTO plain_vectors (id, embedding) VALUES ${values}`, bound);
    }
  }

  async search(query: Float32Array, k: number): Promise<readonly number[]> {
    const rows = await this.#execute(
      'SELECT id FROM plain_vectors ORDER BY vector_distance_cos(embedding, ?) LIMIT ?',
      [blob(query), integer(k)],
    );
    return rows.map((row) => Number(row[0]?.value));
  }

  close(): void {
    // fetch manages its connections itself.
  }

  async #execute(sql: string, args: readonly Value[]) {
    const body = JSON.stringify({ requests: [{ type: 'execute', stmt: { sql, args } }, { type: 'close' }] });
    const response = await fetch(this.#url, { method: 'POST', body });
    if (!response.ok) throw new Error(`The server responded with ${response.status}.`);
    const [result] = ((await response.json()) as Answer).results;
    if (result?.type !== 'ok') throw new Error(result?.error?.message ?? 'The server returned no result.');
    return result.response?.result?.rows ?? [];
  }
}

function integer(value: number): Value {
  return { type: 'integer', value: String(value) };
}

function blob(vector: Float32Array): Value {
  return { type: 'blob', base64: toBytes(vector).toString('base64') };
}
