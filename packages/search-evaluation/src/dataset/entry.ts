import { DatasetError, type FilePlace } from './dataset-error.js';
import { toPageUrl } from './page-url.js';
import type { JudgedQuery } from './types.js';

/** A value of an entry with the place it stands at. */
export interface Field {
  readonly value: unknown;
  /** Text as written, for scalars that a parser reads as numbers: a version `5.10` must not become 5.1. */
  readonly source?: string | undefined;
  readonly place: FilePlace;
}

/** Fields of one query, as a reader found them. */
export interface EntryFields {
  readonly place: FilePlace;
  readonly id: Field | undefined;
  readonly library: Field | undefined;
  readonly version: Field | undefined;
  readonly query: Field | undefined;
  readonly intent: Field | undefined;
  /** Undefined when missing. */
  readonly qrels:
    | readonly {
        readonly place: FilePlace;
        readonly url: Field | undefined;
        readonly grade: Field | undefined;
      }[]
    | undefined;
}

/** Highest grade of a data set. */
export const MAX_GRADE = 3;

/**
 * Checks the fields of one query.
 *
 * @param number Of the entry in its file, from 1; the id of queries without one is made of it.
 * @throws DatasetError
 */
export function toJudgedQuery(fields: EntryFields, number: number): JudgedQuery {
  const { place, qrels } = fields;
  const id = optionalText(fields.id, 'id') ?? `q${number}`;
  if (/\s/.test(id))
    throw new DatasetError(`The id '${id}' contains white space.`, fields.id?.place ?? place);
  const library = requiredText(fields.library, 'library', place);
  const text = requiredText(fields.query, 'query', place);
  if (qrels === undefined) throw new DatasetError('"qrels" is missing.', place);
  const judgments = new Map<string, number>();
  for (const qrel of qrels) {
    const url = toPageUrl(requiredText(qrel.url, 'url', qrel.place));
    const grade = toGrade(qrel.grade, qrel.place);
    const other = judgments.get(url);
    if (other !== undefined && other !== grade) {
      throw new DatasetError(`${url} is graded both ${other} and ${grade}.`, qrel.place);
    }
    judgments.set(url, grade);
  }
  if (![...judgments.values()].some((grade) => grade > 0)) {
    throw new DatasetError('No page is graded 1 or higher, so the query cannot be scored.', place);
  }
  const intent = optionalText(fields.intent, 'intent') ?? null;
  return { id, library, version: optionalText(fields.version, 'version') ?? null, text, intent, judgments };
}

function toGrade(field: Field | undefined, place: FilePlace): number {
  if (field === undefined) throw new DatasetError('"grade" is missing.', place);
  const { value } = field;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MAX_GRADE) {
    throw new DatasetError(`"grade" must be a whole number from 0 to ${MAX_GRADE}.`, field.place);
  }
  return value;
}

function requiredText(field: Field | undefined, name: string, place: FilePlace): string {
  const text = optionalText(field, name);
  if (text === undefined) throw new DatasetError(`"${name}" is missing.`, field?.place ?? place);
  return text;
}

function optionalText(field: Field | undefined, name: string): string | undefined {
  if (field === undefined || field.value === null || field.value === undefined) return undefined;
  const text = typeof field.value === 'number' ? (field.source ?? String(field.value)) : field.value;
  if (typeof text !== 'string') throw new DatasetError(`"${name}" must be a text.`, field.place);
  return text.trim() === '' ? undefined : text;
}

/** Refuses two queries of the same id. */
export function checkIds(
  queries: readonly { readonly query: JudgedQuery; readonly place: FilePlace }[],
): void {
  const seen = new Set<string>();
  for (const { query, place } of queries) {
    if (seen.has(query.id)) throw new DatasetError(`The id '${query.id}' is used twice.`, place);
    seen.add(query.id);
  }
}
