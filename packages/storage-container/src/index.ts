/** Dependency injection for Switchyard: tokens, registration of backends, and the lifecycle of what was opened. */
export * from './backend-module.js';
export * from './tokens.js';
