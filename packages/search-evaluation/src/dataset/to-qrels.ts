import type { Qrels } from '../trec/qrels.js';
import type { Dataset } from './types.js';

/** Returns the judgments of a data set by query id. */
export function toQrels({ queries }: Dataset): Qrels {
  return new Map(queries.map(({ id, judgments }) => [id, judgments]));
}
