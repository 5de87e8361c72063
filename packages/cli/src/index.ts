/** The switchyard command, for programs that run it in their own process. */
export * from './exit-codes.js';
export * from './run.js';
