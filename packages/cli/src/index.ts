/** The switchyard command, for programs that run it in their own process. */
export type { BackendModule } from './backend-packages/modules.js';
export * from './exit-codes.js';
export type { OutputStream } from './output/output.js';
export * from './run.js';
