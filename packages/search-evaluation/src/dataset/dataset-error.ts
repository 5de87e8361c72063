/** Place in a file, for messages. */
export interface FilePlace {
  /** Name of the file, as the caller gave it. */
  readonly file: string;
  /** Line number, from 1; null when the whole file is meant. */
  readonly line: number | null;
}

/**
 * A data set, judgments or a run that cannot be used. The message names the file and the line.
 *
 * @example
 * ```ts
 * try {
 *   readDataset({ file: 'questions.jsonl', text: '{"library": "pino"}' });
 * } catch (error) {
 *   if (error instanceof DatasetError) console.log(error.message); // questions.jsonl:1: "query" is missing.
 * }
 * ```
 */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  /** Stable code. */
  readonly code = 'DATASET_INVALID';
  /** Name of the file. */
  readonly file: string;
  /** Line number, from 1; null when the whole file is meant. */
  readonly line: number | null;

  /** Creates an error about a place in a file. */
  constructor(problem: string, { file, line }: FilePlace, cause?: unknown) {
    super(
      `${file}${line === null ? '' : `:${line}`}: ${problem}`,
      cause === undefined ? undefined : { cause },
    );
    this.file = file;
    this.line = line;
  }
}
