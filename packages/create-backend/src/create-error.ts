/** Codes of the failures of this package. */
export type CreateErrorCode =
  | 'CREATE_USAGE'
  | 'CREATE_INVALID_NAME'
  | 'CREATE_INVALID_SCHEME'
  | 'CREATE_FOLDER_NOT_EMPTY'
  | 'CREATE_INTERRUPTED'
  | 'CREATE_FILE';

/** Failure with advice on what to do. Nothing was written, except for `CREATE_FILE`. */
export class CreateError extends Error {
  override readonly name = 'CreateError';
  /** Stable code. */
  readonly code: CreateErrorCode;
  /** Recommended action, in one sentence. */
  readonly action: string;

  constructor(code: CreateErrorCode, message: string, action: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.action = action;
  }
}
