/**
 * Runs a real sqld for tests and experiments: finds the binary, starts it on loopback, issues tokens, and injects
 * network faults through a proxy. No dependencies.
 */
export * from './auth/jwt.js';
export * from './binary/find.js';
export * from './faults/behavior.js';
export type { RequestHead } from './faults/http-requests.js';
export * from './faults/proxy.js';
export * from './server/options.js';
export * from './server/start.js';
