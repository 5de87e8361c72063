/**
 * Storage for documentation search in one import: {@link openStore}, and everything that applications use of
 * `@switchyard/storage-core` and `@switchyard/version-match`.
 */
export * from '@switchyard/storage-core';
export * from '@switchyard/version-match';
export { type OpenStoreOptions, openStore } from './open-store.js';
