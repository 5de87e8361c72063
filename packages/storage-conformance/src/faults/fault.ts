import type { StorageBackend } from '@switchyard/storage-core';
import { createMemoryState, MemoryBackend } from '../memory/index.js';
import { Tables } from '../memory/tables.js';
import type { CreatedStore } from '../suite/options.js';
import { type Changes, overlay } from './overlay.js';

/** A deliberately broken backend. */
export interface Fault {
  /** Such as `leaks-across-versions`. */
  readonly name: string;
  /** The id of the contract test that names the fault, and fails. */
  readonly caughtBy: string;
  /** A fresh store of it. */
  readonly create: () => CreatedStore;
}

/** A fault of the reference backend, which otherwise keeps the whole contract. */
export function fault(name: string, caughtBy: string, change: (inner: StorageBackend) => Changes): Fault {
  const create = () => {
    const state = createMemoryState();
    const make = () => {
      const inner = new MemoryBackend({ state, capabilities: { multiProcess: true } });
      return overlay(inner, change(inner));
    };
    // A copy of the tables, whose rows are never changed.
    return { backend: make(), reopen: make, fingerprint: () => new Tables(state.tables) };
  };
  return { name, caughtBy, create };
}
