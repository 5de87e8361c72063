import { DatasetError, type FilePlace } from './dataset-error.js';
import { checkIds, type EntryFields, type Field, toJudgedQuery } from './entry.js';
import type { Dataset } from './types.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a data set of one JSON object per line, with the same fields as in YAML, in `vars` or directly. Empty lines are
 * skipped.
 *
 * @throws DatasetError that names the file and the line.
 */
export function readJsonLinesDataset(text: string, file: string, name: string): Dataset {
  const queries = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const place = { file, line: index + 1 };
    return [{ query: toJudgedQuery(toFields(parse(line, place), place), index + 1), place }];
  });
  if (queries.length === 0) throw new DatasetError('The data set has no entries.', { file, line: null });
  checkIds(queries);
  return { name, queries: queries.map(({ query }) => query) };
}

function parse(line: string, place: FilePlace): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new DatasetError('This is not JSON.', place, cause);
  }
  return object(value, 'A line must be a JSON object.', place);
}

function toFields(entry: Fields, place: FilePlace): EntryFields {
  const fields = entry.vars === undefined ? entry : object(entry.vars, '"vars" must be an object.', place);
  const field = (from: Fields, name: string): Field | undefined =>
    from[name] === undefined ? undefined : { value: from[name], place };
  const { qrels } = fields;
  if (qrels !== undefined && !Array.isArray(qrels)) throw new DatasetError('"qrels" must be a list.', place);
  return {
    place,
    id: field(fields, 'id') ?? field(entry, 'id'),
    library: field(fields, 'library'),
    version: field(fields, 'version'),
    query: field(fields, 'query'),
    intent: field(fields, 'intent'),
    qrels: qrels?.map((item: unknown) => {
      const judgment = object(item, 'A judgment must be an object with "url" and "grade".', place);
      return { place, url: field(judgment, 'url'), grade: field(judgment, 'grade') };
    }),
  };
}

function object(value: unknown, problem: string, place: FilePlace): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DatasetError(problem, place);
  return value as Fields;
}
