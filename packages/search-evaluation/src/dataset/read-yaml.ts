import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { DatasetError, type FilePlace } from './dataset-error.js';
import { checkIds, type EntryFields, type Field, toJudgedQuery } from './entry.js';
import type { Dataset } from './types.js';

/**
 * Reads a data set in YAML: a list of entries, at the top or below `entries`, each with its fields in `vars` or directly.
 *
 * @throws DatasetError that names the file and the line.
 */
export function readYamlDataset(text: string, file: string, fallbackName: string): Dataset {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const problem = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    throw new DatasetError(`This is not valid YAML: ${problem}.`, {
      file,
      line: error.linePos?.[0].line ?? null,
    });
  }
  const reader = new YamlReader(file, lines, document);
  const root = document.contents as Node | null;
  const list = isMap(root) ? reader.resolve(root.get('entries', true)) : root;
  if (!isSeq(list)) {
    throw new DatasetError('A data set is a list of entries, or a mapping with "entries".', {
      file,
      line: 1,
    });
  }
  const queries = list.items.map((item, index) => {
    const fields = reader.entry(reader.resolve(item));
    return { query: toJudgedQuery(fields, index + 1), place: fields.place };
  });
  if (queries.length === 0) throw new DatasetError('The data set has no entries.', { file, line: null });
  checkIds(queries);
  const name = isMap(root) ? root.get('name') : undefined;
  return { name: typeof name === 'string' ? name : fallbackName, queries: queries.map(({ query }) => query) };
}

class YamlReader {
  readonly #file: string;
  readonly #lines: LineCounter;

  readonly #document: Document;

  constructor(file: string, lines: LineCounter, document: Document) {
    this.#file = file;
    this.#lines = lines;
    this.#document = document;
  }

  /** Follows an alias; other nodes are returned unchanged. */
  resolve(node: unknown): Node | undefined {
    const found = isAlias(node) ? node.resolve(this.#document) : node;
    return (found ?? undefined) as Node | undefined;
  }

  #get(map: YAMLMap, name: string): Node | undefined {
    return this.resolve(map.get(name, true));
  }

  entry(node: Node | undefined): EntryFields {
    if (!isMap(node)) throw new DatasetError('An entry must be a mapping.', this.#place(node));
    const fields = this.#get(node, 'vars') ?? node;
    if (!isMap(fields)) throw new DatasetError('"vars" must be a mapping.', this.#place(fields));
    const place = this.#place(node);
    return {
      place,
      id: this.#field(fields, 'id') ?? this.#field(node, 'id'),
      library: this.#field(fields, 'library'),
      version: this.#field(fields, 'version'),
      query: this.#field(fields, 'query'),
      intent: this.#field(fields, 'intent'),
      qrels: this.#qrels(fields),
    };
  }

  #qrels(fields: YAMLMap): EntryFields['qrels'] {
    const list = this.#get(fields, 'qrels');
    if (list === undefined) return undefined;
    if (!isSeq(list)) throw new DatasetError('"qrels" must be a list.', this.#place(list));
    return list.items.map((node) => {
      const item = this.resolve(node);
      if (!isMap(item)) {
        throw new DatasetError('A judgment must be a mapping of "url" and "grade".', this.#place(item));
      }
      return { place: this.#place(item), url: this.#field(item, 'url'), grade: this.#field(item, 'grade') };
    });
  }

  #field(map: YAMLMap, name: string): Field | undefined {
    const node = this.#get(map, name);
    if (node === undefined) return undefined;
    const place = this.#place(node);
    if (!isScalar(node)) return { value: isSeq(node) ? [] : {}, place };
    return { value: node.value, source: node.source, place };
  }

  #place(node: Node | undefined | null): FilePlace {
    const offset = node?.range?.[0];
    return { file: this.#file, line: offset === undefined ? null : this.#lines.linePos(offset).line };
  }
}
