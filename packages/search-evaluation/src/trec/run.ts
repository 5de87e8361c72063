import { DatasetError } from '../dataset/dataset-error.js';
import { toField, trecLines } from './fields.js';

/** A ranked document. */
export interface RankedDocument {
  /** Name of the document: the URL of a page. */
  readonly document: string;
  /** Score, higher is better. */
  readonly score: number;
}

/** Ranked documents by query id, best first. */
export type Run = ReadonlyMap<string, readonly RankedDocument[]>;

/**
 * Reads a TREC run: `query Q0 document rank score tag` per line. As in trec_eval, the rank is ignored: documents are
 * ordered by descending score in single precision, and equal scores by descending name.
 *
 * @throws DatasetError that names the file and the line.
 */
export function readRun(text: string, file: string): Run {
  const run = new Map<string, Map<string, number>>();
  for (const { fields, place } of trecLines(text, file, 6, 'query Q0 document rank score tag')) {
    const [query = '', , document = '', , scoreText = ''] = fields;
    const score = Math.fround(Number(scoreText));
    if (!Number.isFinite(score)) throw new DatasetError(`The score '${scoreText}' is not a number.`, place);
    const scores = run.get(query) ?? new Map<string, number>();
    if (scores.has(document))
      throw new DatasetError(`${document} is ranked twice for query ${query}.`, place);
    run.set(query, scores.set(document, score));
  }
  return new Map([...run].map(([query, scores]) => [query, order(scores)]));
}

function order(scores: ReadonlyMap<string, number>): RankedDocument[] {
  return [...scores]
    .map(([document, score]) => ({ document, score, bytes: Buffer.from(document) }))
    .sort((a, b) => b.score - a.score || Buffer.compare(b.bytes, a.bytes))
    .map(({ document, score }) => ({ document, score }));
}

/**
 * Writes a TREC run. trec_eval ignores ranks and orders by score in single precision, so scores are written strictly
 * descending in single precision: a score that is not below the one before it becomes the next lower number.
 *
 * @param tag Name of the run, one word.
 */
export function writeRun(run: Run, tag: string): string {
  const lines: string[] = [];
  for (const [query, ranking] of run) {
    let above = Number.POSITIVE_INFINITY;
    for (const [index, { document, score }] of ranking.entries()) {
      const single = Math.fround(score);
      above = single < above ? single : nextBelow(above);
      lines.push(`${toField(query)} Q0 ${toField(document)} ${index + 1} ${above} ${toField(tag)}\n`);
    }
  }
  return lines.join('');
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Returns the largest number of single precision below a finite one. */
function nextBelow(value: number): number {
  float[0] = value === 0 ? 0 : value;
  if (value === 0) bits[0] = 0x8000_0001 | 0;
  else bits[0] = (bits[0] as number) + (value > 0 ? -1 : 1);
  return float[0] as number;
}
