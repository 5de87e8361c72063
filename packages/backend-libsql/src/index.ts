/** The store on libSQL. */
export { LibsqlBackend } from './backend.js';
export { libsqlBackend } from './definition.js';
export type { LibsqlOptions, MigratePolicy } from './options.js';
