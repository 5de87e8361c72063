import type { Capabilities, StorageBackend } from '@switchyard/storage-core';
import { createMemoryState, MemoryBackend } from '../memory/index.js';
import { Tables } from '../memory/tables.js';
import type { CreatedStore } from '../suite/options.js';
import { type Changes, overlay } from './overlay.js';

/** A deliberately broken backend. */
export interface Fault {
  /** Name of the fault, such as `vectors-leak-across-versions`. */
  readonly name: string;
  /** Id of the contract test that detects the fault. */
  readonly caughtBy: string;
  /** Creates a fresh store with the fault. */
  readonly create: () => CreatedStore;
}

/**
 * Defines a fault of the reference backend, which keeps the rest of the contract.
 *
 * @param capabilities Capabilities of the backend, where they differ from those of the reference.
 */
export function fault(
  name: string,
  caughtBy: string,
  change: (inner: StorageBackend) => Changes,
  capabilities: Partial<Capabilities> = {},
): Fault {
  const create = () => {
    const state = createMemoryState();
    const make = () => {
      const inner = new MemoryBackend({ state, capabilities: { multiProcess: true, ...capabilities } });
      return overlay(inner, change(inner));
    };
    // A copy of the tables suffices, since rows are immutable.
    return { backend: make(), reopen: make, fingerprint: () => new Tables(state.tables) };
  };
  return { name, caughtBy, create };
}
