import type { StorageBackend } from '@switchyard/storage-core';

/** State of a version that all vector stores of this process share. */
export class VersionState {
  /** Pages of documents by id; null before the first scan. */
  pages: Map<string, Set<string>> | null = null;
  /** Last pages of sources that have several. */
  readonly lastParts = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  /** Runs changes one after the other: each reads pages and writes them back. */
  exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

const states = new WeakMap<StorageBackend, Map<string, VersionState>>();

/** Returns the state of a version, given by its names in stored form. */
export function stateOf(backend: StorageBackend, library: string, version: string): VersionState {
  const ofBackend = states.get(backend) ?? new Map<string, VersionState>();
  states.set(backend, ofBackend);
  const key = JSON.stringify([library, version]);
  const state = ofBackend.get(key) ?? new VersionState();
  ofBackend.set(key, state);
  return state;
}
