/** A file or folder that was skipped or altered when read. */
export interface DocsWarning {
  /**
   * `symlink`: not followed, so that nothing is read twice or from outside. `unreadable`: the file or folder cannot be
   * read. `too-large`: larger than `maxFileBytes`. `binary`: contains a NUL byte. `encoding`: not UTF-8; read with the
   * invalid bytes replaced. `empty`: contains no text.
   */
  readonly reason: 'symlink' | 'unreadable' | 'too-large' | 'binary' | 'encoding' | 'empty';
  /** Path relative to the folder or package, with `/`; the empty string for the root itself. */
  readonly path: string;
  /** Human-readable explanation. */
  readonly message: string;
}

/** Receives a warning. */
export type WarningSink = (warning: DocsWarning) => void;

/** Builds the warning for an unreadable file or folder. */
export function unreadable(path: string, error: unknown): DocsWarning {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return { reason: 'unreadable', path, message: `${path || 'The folder'} cannot be read (${code}).` };
}
