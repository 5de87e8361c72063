/** Contenders with which the others are compared: what applications would use otherwise. */
export const REFERENCES = {
  vectors: 'sqlite-vec', // @legacy
  // @after-legacy: vectors: 'libsql-scan',
  hybrid: 'legacy', // @legacy
  // @after-legacy: hybrid: 'libsql',
  writes: 'app-sql', // @legacy
  // @after-legacy: writes: 'libsql',
} as const;
