/** The switchyard command, for programs that run it in their own process. */
export * from './exit-codes.js';
export type { OutputStream } from './output/output.js';
export * from './run.js';
