/** Dependency injection for Switchyard: tokens, registration of backends, and the lifecycle of opened backends. */
export * from './backend-module.js';
export * from './create-container.js';
export {
  importBackend,
  type OptionalBackend,
  type OptionalPackage,
  optionalBackend,
} from './optional-backend.js';
export * from './switchyard-container.js';
export * from './switchyard-module.js';
export * from './tokens.js';
