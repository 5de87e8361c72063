/**
 * A real sqld for tests and for trying it out: finds the binary, starts it on loopback, issues its tokens, and stands
 * between it and a client to make the network fail on purpose. No dependency.
 */
export * from './auth/jwt.js';
export * from './binary/find.js';
export * from './faults/behavior.js';
export type { RequestHead } from './faults/http-requests.js';
export * from './faults/proxy.js';
export * from './server/options.js';
export * from './server/start.js';
