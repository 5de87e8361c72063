import { basename, extname } from 'node:path';
import { readQrels } from '../trec/qrels.js';
import { readTopics } from '../trec/topics.js';
import { DatasetError } from './dataset-error.js';
import { readJsonLinesDataset } from './read-jsonl.js';
import { readYamlDataset } from './read-yaml.js';
import type { Dataset } from './types.js';

/** Text of a file, with the name that messages show. */
export interface TextFile {
  /** Name of the file; its extension selects the format. */
  readonly file: string;
  /** Content of the file. */
  readonly text: string;
}

/** Values that TREC topics do not contain. */
export interface TopicsOptions {
  /** TREC judgments of the topics. */
  readonly qrels?: TextFile | undefined;
  /** Library that all topics are searched in. */
  readonly library?: string | undefined;
  /** Version of that library. Default: the latest. */
  readonly version?: string | undefined;
}

/**
 * Reads a data set. The format follows from the extension: `.yaml` and `.yml`, `.jsonl` and `.ndjson`, or else TREC
 * topics, which need judgments and a library besides.
 *
 * @throws DatasetError that names the file and the line.
 *
 * @example
 * ```ts
 * const text = '{"library": "pino", "query": "hide passwords", "qrels": [{"url": "docs/redaction.md", "grade": 3}]}';
 * const { queries } = readDataset({ file: 'questions.jsonl', text });
 * ```
 */
export function readDataset({ file, text }: TextFile, options: TopicsOptions = {}): Dataset {
  const extension = extname(file).toLowerCase();
  const name = basename(file, extname(file));
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (extension === '.yaml' || extension === '.yml') return readYamlDataset(clean, file, name);
  if (extension === '.jsonl' || extension === '.ndjson') return readJsonLinesDataset(clean, file, name);
  const { qrels, library, version } = options;
  if (qrels === undefined || library === undefined) {
    const problem = 'TREC topics need judgments and a library: neither stands in the file.';
    throw new DatasetError(problem, { file, line: null });
  }
  const judgments = readQrels(qrels.text, qrels.file);
  const queries = [...readTopics(clean, file)].flatMap(([id, topic]) => {
    const judged = judgments.get(id);
    // As in trec_eval, topics without judgments are left out.
    if (judged === undefined) return [];
    return [{ id, library, version: version ?? null, text: topic, intent: null, judgments: judged }];
  });
  if (queries.length === 0) {
    throw new DatasetError(`No topic has a judgment in ${qrels.file}.`, { file, line: null });
  }
  return { name, queries };
}
