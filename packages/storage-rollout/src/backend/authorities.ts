import { type CallOptions, isStorageError } from '@switchyard/storage-core';
import type { ControlRow } from '../machine/control.js';
import { type Reading, type Resolution, resolveAuthority } from '../machine/resolve-authority.js';
import type { Side } from '../machine/sides.js';
import type { Logs } from './run-task.js';

/** Time in milliseconds for which a process trusts what it read of the stage and of authorities. */
const TRUSTED_MS = 500;

interface Cached<T> {
  readonly value: T;
  readonly at: number;
}

/** Stage and authorities as one process knows them. A write is checked again by the store that takes it. */
export class Authorities {
  readonly #logs: Logs;
  readonly #now: () => number;
  readonly #libraries = new Map<string, Cached<Resolution>>();
  #control: Cached<ControlRow> | null = null;

  constructor(logs: Logs, now: () => number = Date.now) {
    this.#logs = logs;
    this.#now = now;
  }

  /** Returns the persisted stage. */
  async control(options?: CallOptions): Promise<ControlRow> {
    if (this.#control !== null && this.#isFresh(this.#control)) return this.#control.value;
    const { row } = await this.#logs.old.readControl(options);
    this.#control = { value: row, at: this.#now() };
    return row;
  }

  /** Returns who may write a library. */
  async of(library: string, options?: CallOptions): Promise<Resolution> {
    const cached = this.#libraries.get(library);
    if (cached !== undefined && this.#isFresh(cached)) return cached.value;
    const [old, other] = await Promise.all([
      this.#read('old', library, options),
      this.#read('new', library, options),
    ]);
    const value = resolveAuthority({ old, new: other });
    // A library on its way is looked up again at once.
    if (value.kind === 'held') this.#libraries.set(library, { value, at: this.#now() });
    return value;
  }

  /** Forgets what may have changed. */
  forget(library?: string): void {
    this.#control = null;
    if (library === undefined) this.#libraries.clear();
    else this.#libraries.delete(library);
  }

  /** A store that cannot be reached has no row; any other error is one. */
  async #read(side: Side, library: string, options: CallOptions | undefined): Promise<Reading> {
    try {
      return (await this.#logs[side].readAuthority(library, options)).authority;
    } catch (error) {
      if (isStorageError(error) && unreachable.has(error.code)) return null;
      throw error;
    }
  }

  #isFresh({ at }: Cached<unknown>): boolean {
    return this.#now() - at < TRUSTED_MS;
  }
}

const unreachable: ReadonlySet<string> = new Set([
  'STORAGE_UNREACHABLE',
  'STORAGE_TIMEOUT',
  'STORAGE_CRASHED',
  'STORAGE_CLOSED',
  'STORAGE_BUSY',
]);
