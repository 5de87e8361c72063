import { exitCodes } from './exit-codes.js';

/** Codes of the command's own failures; all others are codes of StorageError. */
export type CliErrorCode =
  | 'CLI_USAGE'
  | 'CLI_BUSY'
  | 'CLI_FILE'
  | 'CLI_BACKEND'
  | 'CLI_CONFIG'
  | 'CLI_QUERY_INVALID'
  | 'CLI_DATASET_INVALID'
  | 'CLI_NO_DOCUMENTS'
  | 'CLI_NO_QUERIES'
  | 'CLI_INTERRUPTED'
  | 'CLI_UNEXPECTED';

/** Facts about a failure, such as the file and the line. */
export type CliErrorDetails = Readonly<Record<string, string | number>>;

/** Failure of the command itself, with advice on what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly action: string;
  /** Facts about the failure, for programs. */
  readonly details: CliErrorDetails | undefined;

  constructor(
    code: CliErrorCode,
    message: string,
    action: string,
    cause?: unknown,
    details?: CliErrorDetails,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.action = action;
    this.details = details;
  }
}

/** Failures that were already reported, as lines of the result: the command only has to exit with their code. */
export class AlreadyReported extends Error {
  override readonly name = 'AlreadyReported';
  readonly exitCode: number;

  constructor(message = '', exitCode: number = exitCodes.failure) {
    super(message);
    this.exitCode = exitCode;
  }
}
