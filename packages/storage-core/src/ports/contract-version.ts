/**
 * Version of the storage ports that this package defines. It increases only with a change that an existing backend cannot
 * satisfy: see `docs/reference/stability.md`.
 */
export const CONTRACT_VERSION = 1;

/** A version of the storage ports that this package accepts. */
export type ContractVersion = typeof CONTRACT_VERSION;
