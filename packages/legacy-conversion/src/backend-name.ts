/** Name of the backend in errors: a conversion writes a store of the libSQL backend. */
export const BACKEND_NAME = 'libsql';
