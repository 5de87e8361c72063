import { DatasetError } from '../dataset/dataset-error.js';
import type { JudgedQuery, Judgments } from '../dataset/types.js';
import { toField, trecLines } from './fields.js';

/** Judgments by query id. */
export type Qrels = ReadonlyMap<string, Judgments>;

/**
 * Reads TREC judgments: `query iteration document grade` per line. The iteration is ignored.
 *
 * @throws DatasetError that names the file and the line.
 */
export function readQrels(text: string, file: string): Qrels {
  const qrels = new Map<string, Map<string, number>>();
  for (const { fields, place } of trecLines(text, file, 4, 'query iteration document grade')) {
    const [query = '', , document = '', grade = ''] = fields;
    if (!/^[+-]?\d+$/.test(grade))
      throw new DatasetError(`The grade '${grade}' is not a whole number.`, place);
    const judgments = qrels.get(query) ?? new Map<string, number>();
    if (judgments.has(document))
      throw new DatasetError(`${document} is judged twice for query ${query}.`, place);
    qrels.set(query, judgments.set(document, Number(grade)));
  }
  if (qrels.size === 0) throw new DatasetError('The file has no judgments.', { file, line: null });
  return qrels;
}

/** Writes TREC judgments, in the order of the queries. White space in URLs is percent-encoded. */
export function writeQrels(queries: readonly Pick<JudgedQuery, 'id' | 'judgments'>[]): string {
  return queries
    .flatMap(({ id, judgments }) =>
      [...judgments].map(([document, grade]) => `${toField(id)} 0 ${toField(document)} ${grade}\n`),
    )
    .join('');
}
