/** Starts backends of third parties, for programs; people run `npm create @switchyard/backend`. */
export { type CreateBackendOptions, type CreatedBackend, createBackend } from './create-backend.js';
export { CreateError, type CreateErrorCode } from './create-error.js';
export { type RunSettings, run } from './run.js';
