import { libsqlBackend } from '@switchyard/backend-libsql';
import type { BuiltIn } from './built-in.js';
import { legacy } from './legacy/registration.js'; // @legacy

/** Backends of the command. Adding or deleting one takes one line here. */
export const builtIns: readonly BuiltIn[] = [
  { backend: libsqlBackend },
  legacy, // @legacy
];
