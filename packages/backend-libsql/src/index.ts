/** The store on libSQL. */
export { LibsqlBackend, type LibsqlOptions } from './backend.js';
export { libsqlBackend } from './definition.js';
