import { type DocumentStore, isStorageError } from '@switchyard/storage-core';
import { AlreadyReported, CliError } from '../cli-error.js';
import { describeError } from '../output/describe-error.js';
import { toHitRecord } from '../output/hits.js';
import type { Output } from '../output/output.js';
import { parseQuery, type Query } from './query.js';
import { readLines } from './read-lines.js';

/** Input of {@link answerQueries}. */
export interface AnswerSettings {
  readonly documents: DocumentStore;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** Limit of lines without their own. */
  readonly limit: number;
  /** Embeds the text of a line without a vector; null for full text only. */
  readonly embed: ((text: string) => Promise<Float32Array>) | null;
  /** Disables vector search even for lines with a vector. */
  readonly ftsOnly: boolean;
}

/**
 * Answers queries one by one, in order, and prints one line of JSON to stdout for each. For a line that cannot be
 * answered, prints `{"line", "error"}` in its place and an error to stderr; the command fails at the end. A failure of
 * the store ends it immediately.
 *
 * @throws AlreadyReported if a line could not be answered.
 */
export async function answerQueries(
  source: AsyncIterable<Buffer | string>,
  settings: AnswerSettings,
): Promise<void> {
  const { output, signal } = settings;
  let number = 0;
  let failed = 0;
  let told = settings.ftsOnly;
  for await (const line of readLines(source, signal)) {
    signal.throwIfAborted();
    number += 1;
    if (line.trim() === '') continue;
    try {
      const query = parseQuery(line, settings.limit);
      if (!told && query.vector === null && settings.embed === null) {
        output.note('Queries without a vector use full text only: no --embedder was given.');
        told = true;
      }
      await output.jsonLine(await answer(query, settings));
    } catch (error) {
      if (!isFaultOfLine(error)) throw error;
      failed += 1;
      const { code, message, action } = describeError(error);
      await output.jsonLine({ line: number, error: { code, message } });
      output.error(new CliError('CLI_QUERY_INVALID', `Line ${number}: ${message}`, action, error));
    }
  }
  if (failed > 0) throw new AlreadyReported(`${failed} of the queries could not be answered.`);
}

async function answer({ library, version, text, limit, vector: given }: Query, settings: AnswerSettings) {
  const { documents, embed, signal, ftsOnly } = settings;
  const vector = ftsOnly ? undefined : (given ?? (await embed?.(text)));
  const hits = await documents.search(library, version ?? '', text, { limit, vector, signal });
  return { library, version, text, limit, hits: hits.map(toHitRecord) };
}

function isFaultOfLine(error: unknown): boolean {
  return (
    (error instanceof CliError && error.code === 'CLI_QUERY_INVALID') ||
    isStorageError(error, 'STORAGE_DIMENSION_MISMATCH') ||
    isStorageError(error, 'STORAGE_INVALID_VECTOR') ||
    isStorageError(error, 'STORAGE_EMBEDDING_TOO_LARGE')
  );
}
