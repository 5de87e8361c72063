import { libsqlBackend } from '@switchyard/backend-libsql';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec';

/** Backends of the command. Adding or deleting a backend takes one line here. */
export const backends = [libsqlBackend, sqliteVecBackend];
