/** Something in a folder or package that was not read, or not read as it is. */
export interface DocsWarning {
  /**
   * `symlink`: not followed, so that nothing is read twice or from outside. `unreadable`: the file or folder cannot be
   * read. `too-large`: over `maxFileBytes`. `binary`: holds a NUL byte, so it is no text. `encoding`: not UTF-8; read,
   * with the wrong bytes replaced. `empty`: holds no text.
   */
  readonly reason: 'symlink' | 'unreadable' | 'too-large' | 'binary' | 'encoding' | 'empty';
  /** Relative to the folder or package, with `/`; empty for itself. */
  readonly path: string;
  /** For a person. */
  readonly message: string;
}

/** Takes a warning. */
export type WarningSink = (warning: DocsWarning) => void;

/** The warning that something could not be read. */
export function unreadable(path: string, error: unknown): DocsWarning {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return { reason: 'unreadable', path, message: `${path || 'The folder'} cannot be read (${code}).` };
}
