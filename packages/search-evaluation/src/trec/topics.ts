import { DatasetError } from '../dataset/dataset-error.js';

/**
 * Reads TREC topics: either `id<TAB>query` per line, or `<top>` blocks with `<num>` and `<title>`; the title is the query.
 *
 * @returns Queries by id.
 * @throws DatasetError that names the file and the line.
 */
export function readTopics(text: string, file: string): ReadonlyMap<string, string> {
  const topics = new Map<string, string>();
  for (const { id, query, line } of /^\s*<top>/im.test(text) ? blocks(text, file) : rows(text, file)) {
    if (topics.has(id)) throw new DatasetError(`Topic ${id} appears twice.`, { file, line });
    topics.set(id, query);
  }
  if (topics.size === 0) throw new DatasetError('The file has no topics.', { file, line: null });
  return topics;
}

interface Topic {
  readonly id: string;
  readonly query: string;
  readonly line: number;
}

function* rows(text: string, file: string): Generator<Topic> {
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    const line = index + 1;
    const [id = '', ...rest] = row.split('\t');
    const query = rest.join(' ').trim();
    if (id.trim() === '' || query === '') {
      throw new DatasetError("A line must be 'id<TAB>query'.", { file, line });
    }
    yield { id: id.trim(), query, line };
  }
}

function* blocks(text: string, file: string): Generator<Topic> {
  for (const match of text.matchAll(/<top>([\s\S]*?)(?:<\/top>|(?=<top>)|$)/gi)) {
    const [, block = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    const id = /<num>\s*(?:Number:)?\s*([^\s<]+)/i.exec(block)?.[1];
    const title = /<title>\s*(?:Topic:)?\s*([^<]*)/i.exec(block)?.[1]?.replaceAll(/\s+/g, ' ').trim();
    if (id === undefined) throw new DatasetError('The topic has no <num>.', { file, line });
    if (title === undefined || title === '')
      throw new DatasetError('The topic has no <title>.', { file, line });
    yield { id, query: title, line };
  }
}
