import { DatasetError, type FilePlace } from '../dataset/dataset-error.js';

/** A line of a TREC file, cut at white space. */
export interface TrecLine {
  readonly fields: readonly string[];
  readonly place: FilePlace;
}

/** Cuts a TREC file into lines and fields; blank lines are skipped, and fields behind the expected ones are ignored. */
export function* trecLines(text: string, file: string, count: number, format: string): Generator<TrecLine> {
  for (const [index, line] of text.split('\n').entries()) {
    const fields = line.split(/\s+/).filter((field) => field !== '');
    if (fields.length === 0) continue;
    const place = { file, line: index + 1 };
    if (fields.length < count) throw new DatasetError(`A line must be '${format}'.`, place);
    yield { fields, place };
  }
}

/** Makes a document or query name that is one field: white space is percent-encoded. */
export function toField(name: string): string {
  return name.replace(/\s/gu, encodeURIComponent);
}
