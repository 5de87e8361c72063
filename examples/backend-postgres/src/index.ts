/** A store in PostgreSQL: on a server, or embedded in this process. */
export { PostgresBackend, type PostgresOptions } from './backend.js';
export { capabilitiesOf } from './capabilities.js';
export { createPool, type Database } from './database/database.js';
export { embeddedDatabase, embeddedPool } from './database/embedded.js';
export { type ServerOptions, serverDatabase } from './database/server.js';
export { postgresBackend, postgresBackend as default } from './definition.js';
